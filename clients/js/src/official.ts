/** An official's commands, on a connection of `connect`. */

import type { Connection } from "./interface.ts";
import type { Accepted, Details, MatchState } from "./protocol.ts";

export type Score = [number, number];

export interface Official {
  /** Retried until it is answered, for a minute, across reconnects; it counts once. */
  reportScore(
    match: string,
    score: Score,
    extra?: { details?: Details; updateId?: string },
  ): Promise<Accepted>;
  /** This and the next are sent once: after ConnectionLost or AnswerTimeout, look at the match. */
  start(match: string): Promise<Accepted>;
  complete(
    match: string,
    end: { winner: string | null; score?: Score; details?: Details },
  ): Promise<Accepted>;
  changeState(match: string, state: MatchState): Promise<Accepted>;
  dispute(match: string, reason: string): Promise<Accepted & { dispute_id: string }>;
}

export function official(connection: Connection): Official {
  let lastRevision = 0;

  return {
    reportScore(match_id, score, { details, updateId } = {}) {
      // The server's time, since officials whose clocks differ may report on one match.
      lastRevision = Math.max(lastRevision + 1, Math.floor(connection.serverTimeMs));
      const update_id = updateId ?? `${lastRevision}-${Math.random().toString(36).slice(2)}`;
      const fields = { ...scores(score), details, client_revision: lastRevision, update_id };
      return connection.command({ type: "score_update", match_id, ...fields }, { isRetried: true });
    },
    start: (match_id) => connection.command({ type: "match_start", match_id }),
    complete: (match_id, { winner, score, details }) =>
      connection.command({
        type: "match_complete",
        match_id,
        winner_id: winner,
        ...(score && scores(score)),
        details,
      }),
    changeState: (match_id, new_state) =>
      connection.command({ type: "match_state_change", match_id, new_state }),
    dispute: (match_id, reason) => connection.command({ type: "dispute_create", match_id, reason }),
  };
}

function scores([participant1_score, participant2_score]: Score): object {
  return { participant1_score, participant2_score };
}
