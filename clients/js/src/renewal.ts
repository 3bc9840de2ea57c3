/** A newer token for a socket that stands, ahead of the old one's end. */

import { Timer } from "./timer.ts";
import type { Address } from "./address.ts";
import type { Commands } from "./commands.ts";
import type { Platform } from "./platform.ts";
import type { Socket } from "./socket.ts";

export const AHEAD_MS = 60_000;
const JITTER_MS = 30_000;
const AGAIN_MS_MIN = 5_000;

/** When to ask, in a token's remaining life: a minute or so before its end, not before its half. */
export function renewalDelayMs(lifeMs: number, random: number): number {
  return Math.max(lifeMs / 2, lifeMs - AHEAD_MS - random * JITTER_MS, AGAIN_MS_MIN);
}

export class Renewal {
  readonly #platform: Platform;
  readonly #address: Address;
  readonly #commands: Commands;
  #socket: Socket | null = null;
  /** The server's clock is not ours: what to add to its times. */
  offsetMs = 0;
  #endsAtMs = 0;
  readonly #timer: Timer;
  #isBusy = false;

  constructor(platform: Platform, address: Address, commands: Commands) {
    this.#platform = platform;
    this.#address = address;
    this.#commands = commands;
    this.#timer = new Timer(platform);
  }

  /** Renew this socket's token from now on. */
  attend(socket: Socket): void {
    this.stop();
    const { expires_at, server_time } = socket.greeting!;
    this.#socket = socket;
    this.offsetMs = this.#platform.now() - server_time;
    if (expires_at === null) return;
    this.#endsAtMs = expires_at + this.offsetMs;
    this.#later();
  }

  stop(): void {
    this.#timer.stop();
    this.#socket = null;
  }

  async renew(): Promise<void> {
    const socket = this.#socket;
    if (this.#isBusy || !socket) return;
    this.#isBusy = true;
    // What fails here fails again before the token's end, or is told by a goodbye.
    await this.#renew(socket).catch(() => null);
    this.#isBusy = false;
    if (this.#socket === socket) this.#later();
  }

  async #renew(socket: Socket): Promise<void> {
    const token = await this.#address.newer();
    if (token === null || this.#socket !== socket) return;
    const { data } = await this.#commands.ask({ type: "refresh", token }, { socket });
    this.#address.use(token);
    this.#endsAtMs = (data as { expires_at: number }).expires_at + this.offsetMs;
    this.#commands.goTo(socket); // what the old token could not do
  }

  #later(): void {
    const { now, random } = this.#platform;
    this.#timer.start(renewalDelayMs(this.#endsAtMs - now(), random()), () => void this.renew());
  }
}
