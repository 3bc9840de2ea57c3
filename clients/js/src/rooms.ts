/** Keys of rooms and streams. A stream has a sequence: a match's, or a tournament's own. */

import type { EventMessage, MatchSnapshot, Room, TournamentSnapshot } from "./protocol.ts";

const TOURNAMENT_EVENT = /^(bracket|tournament)_/;

const matchKey = (id: unknown): string => `m:${id}`;
const tournamentKey = (id: unknown): string => `t:${id}`;

export function roomKey(room: Room): string {
  return keyOf(roomFields(room));
}

/** The room's id, as the protocol names it. */
export function roomFields(room: Room): { match_id: string } | { tournament_id: string } {
  return "match" in room ? { match_id: room.match } : { tournament_id: room.tournament };
}

/** The room that a message's ids name. */
export function keyOf(data: { match_id?: unknown; tournament_id?: unknown }): string {
  return data.match_id ? matchKey(data.match_id) : tournamentKey(data.tournament_id);
}

export function tournamentKeyOf(data: { tournament_id?: unknown }): string {
  return tournamentKey(data.tournament_id);
}

export function streamKey({ type, data }: EventMessage): string {
  // A bracket event's data are its sender's, and may contain a match_id.
  return TOURNAMENT_EVENT.test(type) ? tournamentKeyOf(data) : keyOf(data);
}

/** The latest sequence of each stream in a snapshot. */
export function sequencesIn(snapshot: MatchSnapshot | TournamentSnapshot): Map<string, number> {
  const sequences = new Map([[keyOf(snapshot as MatchSnapshot), snapshot.sequence]]);
  for (const match of "matches" in snapshot ? snapshot.matches : []) {
    sequences.set(matchKey(match.match_id), match.sequence);
  }
  return sequences;
}
