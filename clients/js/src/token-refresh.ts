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
  /** This device's monotonic clock minus the server's clock. */
  clockOffsetMs = 0;
  #expiresAtMs = Infinity;
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
    this.clockOffsetMs = this.#platform.monotonicMs() - server_time;
    this.#setExpiry(expires_at);
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
    await this.#send(socket).catch(() => null);
    this.#isBusy = false;
    if (this.#socket === socket) this.#schedule();
  }

  async #send(socket: Socket): Promise<void> {
    const token = await this.#endpoint.newToken();
    if (token === null || this.#socket !== socket) return;
    const message = { type: "refresh", token };
    const { expires_at } = await this.#commands.send<{ expires_at: unknown }>(message, { socket });
    this.#endpoint.acceptToken(token);
    this.#setExpiry(expires_at);
    this.#commands.switchTo(socket); // send again what the expired token could not do
  }

  #setExpiry(expires_at: unknown): void {
    const isKnown = typeof expires_at === "number";
    this.#expiresAtMs = isKnown ? expires_at + this.clockOffsetMs : Infinity;
  }

  #schedule(): void {
    if (this.#expiresAtMs === Infinity) return;
    const lifeMs = this.#expiresAtMs - this.#platform.monotonicMs();
    this.#timer.start(refreshDelayMs(lifeMs, this.#platform.random()), () => void this.refresh());
  }
}
