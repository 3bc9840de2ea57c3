/** Event listeners. One that throws is reported, and the others are still called. */

import type { Platform } from "./platform.ts";

export class Listeners<Events> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();
  readonly #platform: Pick<Platform, "report">;

  constructor(platform: Pick<Platform, "report">) {
    this.#platform = platform;
  }

  /** Returns a function that removes the listener. */
  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  emit<K extends keyof Events>(type: K, event: Events[K]): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        (listener as (event: Events[K]) => void)(event);
      } catch (error) {
        this.#platform.report(error);
      }
    }
  }
}
