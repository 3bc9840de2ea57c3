/** Whether the server still responds. Pure: the caller passes a monotonic time, `dueAtMs` is the next check. */

export const PROBE_TIMEOUT_MS = 5_000;

export class Heartbeat {
  /** As the welcome message says. */
  intervalMs = 0;
  timeoutMs = 0;
  /** The server is never silent for so long: what is shown may be out of date. */
  isStale = false;
  #lastMessageAtMs: number;
  #deadAtMs: number | null = null;

  constructor(nowMs: number) {
    this.#lastMessageAtMs = nowMs;
  }

  received(nowMs: number): void {
    this.#lastMessageAtMs = nowMs;
    this.#deadAtMs = null;
    this.isStale = false;
  }

  /** When to call `check`: a ping is due then, or its answer overdue, or the silence too long. */
  get dueAtMs(): number {
    if (this.#deadAtMs === null) return this.#lastMessageAtMs + this.intervalMs;
    return this.isStale ? this.#deadAtMs : Math.min(this.#deadAtMs, this.#staleAtMs);
  }

  /**
   * What to do now. Silence alone proves nothing, since a suspended tab receives nothing either:
   * only a ping that was sent and not answered does.
   */
  check(nowMs: number): "ping" | "dead" | null {
    this.isStale = nowMs >= this.#staleAtMs;
    if (nowMs < this.dueAtMs) return null;
    if (this.#deadAtMs !== null) return "dead";
    this.#deadAtMs = Math.max(this.#lastMessageAtMs + this.timeoutMs, nowMs + PROBE_TIMEOUT_MS);
    return "ping";
  }

  /** Expect an answer soon: after sleep, or when a network is back. True: send a ping. */
  probe(nowMs: number): boolean {
    const deadlineMs = nowMs + PROBE_TIMEOUT_MS;
    if (this.#deadAtMs !== null && this.#deadAtMs <= deadlineMs) return false;
    this.#deadAtMs = deadlineMs;
    return true;
  }

  get #staleAtMs(): number {
    return this.#lastMessageAtMs + (this.intervalMs + this.timeoutMs) / 2;
  }
}
