/** One timer that can be started, restarted and stopped. */

import type { Platform } from "./platform.ts";

export class Timer {
  readonly #platform: Platform;
  #handle: unknown = null;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  get isRunning(): boolean {
    return this.#handle !== null;
  }

  start(delayMs: number, callback: () => void): void {
    this.stop();
    this.#handle = this.#platform.setTimeout(() => {
      this.#handle = null;
      callback();
    }, delayMs);
  }

  stop(): void {
    this.#platform.clearTimeout(this.#handle);
    this.#handle = null;
  }
}
