/** An official's commands, on a connection of `connect`. */

import type { Connection } from "./interface.ts";
import type { Accepted, Clock, DecidedBy, Details, MatchState, Outcome, Period, Resolution, Shootout } from "./protocol.ts";

export type Score = [number, number];

interface Result {
  periods?: Period[];
  shootout?: Shootout;
  outcome?: Outcome;
  decidedBy?: DecidedBy;
  score?: Score;
  details?: Details;
}
/** `winner` is null after a draw, or if there is no winner. */
export type End = Result & { winner: string | null };
/** Omitted fields are unchanged. */
export type Amendment = Result & { winner?: string | null; reason: string };
/**
 * `details` and `corrects` belong to this score. `periods`, `clock` and `shootout` are kept until they
 * are sent again; an empty one removes the stored value. A clock without `at` counts from now.
 */
export interface ScoreExtra {
  details?: Details;
  periods?: Period[];
  clock?: Partial<Clock>;
  shootout?: Partial<Shootout>;
  /** The revision that this score takes back or corrects. */
  corrects?: number;
  updateId?: string;
  baseRevision?: number;
}
export type Disputed = Accepted & { dispute_id: string };

export interface Official {
  /**
   * Retried until it is answered, for a minute, across reconnects; it counts once. With
   * `baseRevision` it is refused as `conflict`, with the stored score, unless that revision is stored.
   */
  reportScore(
    match: string,
    score: Score,
    extra?: ScoreExtra,
  ): Promise<Accepted>;
  /** This and the following are sent once: after ConnectionLost or AnswerTimeout, read the match. */
  start(match: string): Promise<Accepted>;
  complete(match: string, end: End): Promise<Accepted>;
  /** `scheduled`, from `live`, undoes a start. */
  changeState(match: string, state: MatchState): Promise<Accepted>;
  amend(match: string, amendment: Amendment): Promise<Accepted>;
  reopen(match: string, state: "scheduled" | "live" | "paused", reason: string): Promise<Accepted>;
  dispute(match: string, reason: string): Promise<Disputed>;
  resolve(match: string, dispute: string, resolution: Resolution, note?: string): Promise<Disputed>;
}

export function official(connection: Connection): Official {
  let lastRevision = 0;

  return {
    reportScore(match_id, score, { updateId, baseRevision: base_revision, ...more } = {}) {
      // The server's time, since officials whose clocks differ may report on one match.
      lastRevision = Math.max(lastRevision + 1, Math.floor(connection.serverTimeMs));
      const update_id = updateId ?? `${lastRevision}-${Math.random().toString(36).slice(2)}`;
      const fields = { ...scores(score), ...more, client_revision: lastRevision, update_id, base_revision };
      return connection.command({ type: "score_update", match_id, ...fields }, { isRetried: true });
    },
    start: (match_id) => connection.command({ type: "match_start", match_id }),
    complete: (match_id, end) =>
      connection.command({ type: "match_complete", match_id, ...resultFields(end) }),
    changeState: (match_id, new_state) =>
      connection.command({ type: "match_state_change", match_id, new_state }),
    amend: (match_id, { reason, ...result }) =>
      connection.command({ type: "match_amend", match_id, reason, ...resultFields(result) }),
    reopen: (match_id, new_state, reason) =>
      connection.command({ type: "match_reopen", match_id, new_state, reason }),
    dispute: (match_id, reason) => connection.command({ type: "dispute_create", match_id, reason }),
    resolve: (match_id, dispute_id, resolution, note) =>
      connection.command({ type: "dispute_resolve", match_id, dispute_id, resolution, note }),
  };
}

function resultFields({ winner, score, outcome, decidedBy, ...more }: Result & { winner?: string | null }): object {
  return { winner_id: winner, outcome, decided_by: decidedBy, ...(score && scores(score)), ...more };
}

function scores([participant1_score, participant2_score]: Score): object {
  return { participant1_score, participant2_score };
}
