/** Whether the other end still lives. Pure: the time is given, and `dueAtMs` says when to look. */

export const PROBE_MS = 5_000;

export class Heartbeat {
  /** As the greeting says. */
  intervalMs = 0;
  timeoutMs = 0;
  #heardAtMs: number;
  #lostAtMs: number | null = null;

  constructor(nowMs: number) {
    this.#heardAtMs = nowMs;
  }

  heard(nowMs: number): void {
    this.#heardAtMs = nowMs;
    this.#lostAtMs = null;
  }

  /** When to call `look`: the ping is due then, or its answer overdue. */
  get dueAtMs(): number {
    return this.#lostAtMs ?? this.#heardAtMs + this.intervalMs;
  }

  /**
   * What to do now. Silence alone is no proof: a tab that slept has heard nothing either, so only
   * a ping that was sent and not answered is.
   */
  look(nowMs: number): "ping" | "lost" | null {
    if (nowMs < this.dueAtMs) return null;
    if (this.#lostAtMs !== null) return "lost";
    this.#lostAtMs = Math.max(this.#heardAtMs + this.timeoutMs, nowMs + PROBE_MS);
    return "ping";
  }

  /** Ask and do not wait long: after sleep, or when a network is back. True: send a ping. */
  probe(nowMs: number): boolean {
    const soonMs = nowMs + PROBE_MS;
    if (this.#lostAtMs !== null && this.#lostAtMs <= soonMs) return false;
    this.#lostAtMs = soonMs;
    return true;
  }
}
