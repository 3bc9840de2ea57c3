/** How long to wait before the next socket. Pure. */

export const RECONNECT_MIN_MS = 500;
export const RECONNECT_MAX_MS = 20_000;
/** A socket that has stood this long ends a row of failures. */
export const SETTLED_MS = 5_000;

export class Backoff {
  #failures = 0;

  /** Full jitter below a ceiling that doubles with each failure; `random` is in [0, 1). */
  nextMs(random: number): number {
    this.#failures += 1;
    const ceiling = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** this.#failures);
    return RECONNECT_MIN_MS + random * (ceiling - RECONNECT_MIN_MS);
  }

  /** A wait that the server asks for. Some ask it of everybody at once: hence the spread. */
  askedMs(retryAfterMs: number, random: number): number {
    this.#failures += 1;
    return retryAfterMs + random * RECONNECT_MIN_MS;
  }

  /** A socket has ended that was live for so long; one that was cut at once is a failure too. */
  stood(liveMs: number): void {
    if (liveMs >= SETTLED_MS) this.#failures = 0;
  }
}
