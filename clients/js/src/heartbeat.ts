/** Whether the other end is still there. Pure: the time is given, `dueAtMs` says when to check. */

export const PROBE_TIMEOUT_MS = 5_000;

export class Heartbeat {
  /** As the welcome message says. */
  intervalMs = 0;
  timeoutMs = 0;
  #lastMessageAtMs: number;
  #deadAtMs: number | null = null;

  constructor(nowMs: number) {
    this.#lastMessageAtMs = nowMs;
  }

  received(nowMs: number): void {
    this.#lastMessageAtMs = nowMs;
    this.#deadAtMs = null;
  }

  /** When to call `check`: a ping is due then, or its answer overdue. */
  get dueAtMs(): number {
    return this.#deadAtMs ?? this.#lastMessageAtMs + this.intervalMs;
  }

  /**
   * What to do now. Silence alone proves nothing, since a suspended tab receives nothing either:
   * only a ping that was sent and not answered does.
   */
  check(nowMs: number): "ping" | "dead" | null {
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
}
