/** How long to wait before the next socket. Pure. */

export const RECONNECT_MIN_MS = 500;
export const RECONNECT_MAX_MS = 20_000;
/** Maximum multiple of the delay that the server requests. */
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
   * A delay that the server requests. It grows with each failure, as for a full room. Jitter is
   * added, since the server may send the same delay to many clients.
   */
  serverDelayMs(retryAfterMs: number, random: number): number {
    this.#failures += 1;
    return retryAfterMs * Math.min(this.#failures, SERVER_DELAYS_MAX) + random * RECONNECT_MIN_MS;
  }

  /** A socket has ended after this time; one that ended at once counts as a failure. */
  recordUptime(uptimeMs: number): void {
    if (uptimeMs >= STABLE_AFTER_MS) this.#failures = 0;
  }
}
