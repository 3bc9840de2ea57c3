/** The HTTP API for a back-end in Node: reports scores and registers matches, once each. */

import type { Accepted, Details, Dispute, HistoryEntry, MatchSnapshot, MatchState, Resolution, TournamentSnapshot } from "./protocol.ts";

const ATTEMPTS = 5;
const DELAY_MIN_MS = 200;
const RETRY_AFTER_MAX_MS = 30_000;
const TIMEOUT_MS = 30_000;
const TOO_MANY_REQUESTS = 429;

export interface PublisherOptions {
  /** Called before each request. */
  token: string | (() => string | Promise<string>);
  fetch?: typeof fetch;
}

/** The service has rejected a request, or could not be reached (`status` 0); `code` says why. */
export class PublishError extends Error {
  override name = "PublishError";
  readonly status: number;
  readonly code: string | null;
  readonly data: Record<string, unknown>;

  constructor(message: string, status: number, problem: Record<string, unknown>, cause?: unknown) {
    super(message, { cause });
    this.status = status;
    this.code = typeof problem.code === "string" ? problem.code : null;
    this.data = problem;
  }
}

export type Score = [number, number];

export class Publisher {
  readonly #url: string;
  readonly #options: PublisherOptions;
  /** The server's clock minus `performance.now()`; null until its first response. */
  #aheadMs: number | null = null;
  #lastRevision = 0;

  constructor(url: string, options: PublisherOptions) {
    this.#url = url.replace(/\/+$/, "");
    this.#options = options;
  }

  putTournament(id: string, body: { name: string; organizers?: string[]; [field: string]: unknown }): Promise<TournamentSnapshot> {
    return this.#request("PUT", `tournaments/${encodeURIComponent(id)}`, body);
  }

  putMatch(id: string, body: { tournament_id: string; participants: object[]; scheduled_at: string | null; [field: string]: unknown }): Promise<MatchSnapshot> {
    return this.#request("PUT", matchPath(id), body);
  }

  match(id: string): Promise<MatchSnapshot> {
    return this.#request("GET", matchPath(id));
  }

  /** Every accepted score and every decisive event, in order; with `after` those after that revision. */
  async *history(match: string, { after }: { after?: number } = {}): AsyncGenerator<HistoryEntry> {
    let query: string | null = after === undefined ? "" : `?after=${after}`;
    while (query !== null) {
      const page: { entries: HistoryEntry[]; next: string | null } = await this.#request("GET", `${matchPath(match)}/history${query}`);
      yield* page.entries;
      query = page.next === null ? null : `?cursor=${encodeURIComponent(page.next)}`;
    }
  }

  tournament(id: string): Promise<TournamentSnapshot> {
    return this.#request("GET", `tournaments/${encodeURIComponent(id)}`);
  }

  /**
   * A retried score counts once. Its order is that of the server's clock, not of this machine's. With
   * `base_revision` it is refused as `conflict`, with what is stored, unless that revision is stored.
   */
  async score(match: string, score: Score, more: { details?: Details; base_revision?: number; [field: string]: unknown } = {}): Promise<Accepted> {
    if (this.#aheadMs === null) await this.match(match);
    const body = { ...scores(score), ...more, client_revision: this.#nextRevision() };
    return this.#request("PUT", `${matchPath(match)}/score`, body, crypto.randomUUID());
  }

  start(match: string): Promise<Accepted> {
    return this.event(match, { type: "match_start" });
  }

  complete(match: string, { winner, score, ...more }: { winner: string | null; score?: Score; [field: string]: unknown }): Promise<Accepted> {
    return this.event(match, { type: "match_complete", winner_id: winner, ...(score && scores(score)), ...more });
  }

  changeState(match: string, state: MatchState): Promise<Accepted> {
    return this.event(match, { type: "match_state_change", new_state: state });
  }

  /** Correct the result of a completed match; what is left out stays as it is. */
  amend(match: string, { winner, score, reason, ...more }: { reason: string; winner?: string | null; score?: Score; [field: string]: unknown }): Promise<Accepted> {
    return this.event(match, { type: "match_amend", reason, winner_id: winner, ...(score && scores(score)), ...more });
  }

  reopen(match: string, state: "scheduled" | "live" | "paused", reason: string): Promise<Accepted> {
    return this.event(match, { type: "match_reopen", new_state: state, reason });
  }

  dispute(match: string, reason: string): Promise<Accepted & { dispute_id: string }> {
    return this.event(match, { type: "dispute_create", reason });
  }

  resolve(match: string, dispute: string, resolution: Resolution, note?: string): Promise<Accepted & { dispute_id: string }> {
    return this.event(match, { type: "dispute_resolve", dispute_id: dispute, resolution, note });
  }

  /** All disputes of a match with their texts, for officials and its participants. */
  async disputes(match: string): Promise<Dispute[]> {
    const { disputes } = await this.#request<{ disputes: Dispute[] }>("GET", `${matchPath(match)}/disputes`);
    return disputes;
  }

  /** Any decisive event of a match. It is sent once: after a PublishError without a code, look at the match. */
  event<Answer = Accepted>(match: string, body: { type: string; [field: string]: unknown }): Promise<Answer> {
    return this.#request("POST", `${matchPath(match)}/events`, body);
  }

  tournamentEvent(tournament: string, body: { type: string; data?: object }): Promise<{ sequence: number }> {
    return this.#request("POST", `tournaments/${encodeURIComponent(tournament)}/events`, body);
  }

  room(id: string): Promise<{ viewers: number; capacity: number }> {
    return this.#request("GET", `rooms/${encodeURIComponent(id)}`);
  }

  disconnectUser(id: string): Promise<{ disconnected: number }> {
    return this.#request("DELETE", `users/${encodeURIComponent(id)}/connections`);
  }

  #nextRevision(): number | undefined {
    if (this.#aheadMs === null) return undefined; // then the time of receipt decides
    this.#lastRevision = Math.max(this.#lastRevision + 1, Math.floor(this.#aheadMs + performance.now()));
    return this.#lastRevision;
  }

  async #request<Answer>(method: string, path: string, body?: object, key?: string): Promise<Answer> {
    const isRepeatable = method !== "POST";
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(method, path, body, key);
      if (!(outcome instanceof PublishError)) return outcome as Answer;
      const waitMs = retryDelayMs(outcome, isRepeatable, attempt);
      if (waitMs === null) throw outcome;
      await new Promise((resume) => setTimeout(resume, waitMs));
    }
  }

  async #attempt(method: string, path: string, body?: object, key?: string): Promise<unknown> {
    const { token, fetch: send = fetch } = this.#options;
    const headers: Record<string, string> = { authorization: `Bearer ${typeof token === "string" ? token : await token()}` };
    if (body) headers["content-type"] = "application/json";
    if (key) headers["idempotency-key"] = key;
    const init = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body && { body: JSON.stringify(body) }) };
    try {
      const response = await send(`${this.#url}/${path}`, init);
      this.#observe(response.headers.get("date"));
      const content = await response.json().catch(() => null);
      if (response.ok && content !== null) return content;
      return refusal(`${method} ${path}`, response, Object(content));
    } catch (error) {
      return new PublishError(`${method} ${path}: ${this.#url} could not be reached.`, 0, {}, error);
    }
  }

  /** A response is older than the server's clock: the one furthest ahead is the most exact. */
  #observe(date: string | null): void {
    const aheadMs = Date.parse(date ?? "") - performance.now();
    if (Number.isFinite(aheadMs)) this.#aheadMs = Math.max(this.#aheadMs ?? -Infinity, aheadMs);
  }
}

function refusal(request: string, response: Response, problem: Record<string, unknown>): PublishError {
  const reason = problem.detail ?? problem.message ?? "no reason given";
  const seconds = Number(response.headers.get("retry-after"));
  const data = { ...problem, ...(seconds > 0 && { retry_after_ms: seconds * 1000 }) };
  return new PublishError(`${request} was answered ${response.status}: ${reason}`, response.status, data);
}

/** Null: do not try again. A request that is not idempotent is repeated only if it was not executed. */
function retryDelayMs({ status, data }: PublishError, isRepeatable: boolean, attempt: number): number | null {
  const isPassing = status === TOO_MANY_REQUESTS || (isRepeatable && (status === 0 || status >= 500));
  const askedMs = typeof data.retry_after_ms === "number" ? data.retry_after_ms : 0;
  if (!isPassing || attempt >= ATTEMPTS || askedMs > RETRY_AFTER_MAX_MS) return null;
  return Math.max(askedMs, DELAY_MIN_MS * 2 ** attempt * Math.random());
}

const matchPath = (id: string): string => `matches/${encodeURIComponent(id)}`;

function scores([participant1_score, participant2_score]: Score): object {
  return { participant1_score, participant2_score };
}
