/** One timer that is set, set anew, and stopped. */

import type { Platform } from "./platform.ts";

export class Timer {
  readonly #platform: Platform;
  #set: unknown = null;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  get isSet(): boolean {
    return this.#set !== null;
  }

  start(delayMs: number, then: () => void): void {
    this.stop();
    this.#set = this.#platform.setTimeout(() => {
      this.#set = null;
      then();
    }, delayMs);
  }

  stop(): void {
    this.#platform.clearTimeout(this.#set);
    this.#set = null;
  }
}
