/** Replaces the token of an open socket before it expires. */

import { Timer } from "./timer.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Commands } from "./commands.ts";
import type { Platform } from "./platform.ts";
import type { Socket } from "./socket.ts";

export const REFRESH_AHEAD_MS = 60_000;
const JITTER_MS = 30_000;
const RETRY_MIN_MS = 5_000;

/** When to refresh: about a minute before the token expires, but not in the first half of its life. */
export function refreshDelayMs(lifeMs: number, random: number): number {
  return Math.max(lifeMs / 2, lifeMs - REFRESH_AHEAD_MS - random * JITTER_MS, RETRY_MIN_MS);
}

export class TokenRefresh {
  readonly #platform: Platform;
  readonly #endpoint: Endpoint;
  readonly #commands: Commands;
  #socket: Socket | null = null;
  /** This device's clock minus the server's. */
  clockOffsetMs = 0;
  #expiresAtMs = 0;
  readonly #timer: Timer;
  #isBusy = false;

  constructor(platform: Platform, endpoint: Endpoint, commands: Commands) {
    this.#platform = platform;
    this.#endpoint = endpoint;
    this.#commands = commands;
    this.#timer = new Timer(platform);
  }

  /** Keep this socket's token fresh from now on. */
  start(socket: Socket): void {
    this.stop();
    const { expires_at, server_time } = socket.welcome!;
    this.#socket = socket;
    this.clockOffsetMs = this.#platform.now() - server_time;
    if (expires_at === null) return;
    this.#expiresAtMs = expires_at + this.clockOffsetMs;
    this.#schedule();
  }

  stop(): void {
    this.#timer.stop();
    this.#socket = null;
  }

  async refresh(): Promise<void> {
    const socket = this.#socket;
    if (this.#isBusy || !socket) return;
    this.#isBusy = true;
    // A failure is retried before the token expires; after that a goodbye gives the reason.
    await this.#refresh(socket).catch(() => null);
    this.#isBusy = false;
    if (this.#socket === socket) this.#schedule();
  }

  async #refresh(socket: Socket): Promise<void> {
    const token = await this.#endpoint.newToken();
    if (token === null || this.#socket !== socket) return;
    const { data } = await this.#commands.send({ type: "refresh", token }, { socket });
    this.#endpoint.acceptToken(token);
    this.#expiresAtMs = (data as { expires_at: number }).expires_at + this.clockOffsetMs;
    this.#commands.switchTo(socket); // send again what the expired token could not do
  }

  #schedule(): void {
    const { now, random } = this.#platform;
    this.#timer.start(refreshDelayMs(this.#expiresAtMs - now(), random()), () => void this.refresh());
  }
}
