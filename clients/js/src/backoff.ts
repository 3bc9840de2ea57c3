/** How long to wait before the next socket. Pure. */

export const RECONNECT_MIN_MS = 500;
export const RECONNECT_MAX_MS = 20_000;
/** Up to so many times the delay that the server asks for. */
export const SERVER_DELAYS_MAX = 6;
/** A socket that stayed open this long resets the count of failures. */
export const STABLE_AFTER_MS = 5_000;

export class Backoff {
  #failures = 0;

  /** Full jitter below a ceiling that doubles with each failure; `random` is in [0, 1). */
  delayMs(random: number): number {
    this.#failures += 1;
    const ceiling = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** this.#failures);
    return RECONNECT_MIN_MS + random * (ceiling - RECONNECT_MIN_MS);
  }

  /**
   * A delay that the server asks for, which grows where that does not help, as before a full room.
   * It may ask the same of every client, hence the jitter.
   */
  serverDelayMs(retryAfterMs: number, random: number): number {
    this.#failures += 1;
    return retryAfterMs * Math.min(this.#failures, SERVER_DELAYS_MAX) + random * RECONNECT_MIN_MS;
  }

  /** A socket has ended after this time; one that was cut at once counts as a failure. */
  recordUptime(uptimeMs: number): void {
    if (uptimeMs >= STABLE_AFTER_MS) this.#failures = 0;
  }
}
