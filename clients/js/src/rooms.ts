/** Rooms and streams by their keys. A stream has numbers: a match's, or a tournament's own. */

import type { MatchSnapshot, Room, Told, TournamentSnapshot } from "./protocol.ts";

const OF_TOURNAMENT = /^(bracket|tournament)_/;

const matchKey = (id: unknown): string => `m:${id}`;
const tournamentKey = (id: unknown): string => `t:${id}`;

export function roomKey(room: Room): string {
  return keyOf(roomFields(room));
}

/** How the wire names the room. */
export function roomFields(room: Room): { match_id: string } | { tournament_id: string } {
  return "match" in room ? { match_id: room.match } : { tournament_id: room.tournament };
}

/** The room that a frame's ids name. */
export function keyOf(data: { match_id?: unknown; tournament_id?: unknown }): string {
  return data.match_id ? matchKey(data.match_id) : tournamentKey(data.tournament_id);
}

export function homeKey(data: { tournament_id?: unknown }): string {
  return tournamentKey(data.tournament_id);
}

export function streamKey({ type, data }: Told): string {
  // A bracket event's data are its sender's, who may have named a match in them.
  return OF_TOURNAMENT.test(type) ? homeKey(data) : keyOf(data);
}

/** The newest number of each stream in a snapshot. */
export function numbersIn(snapshot: MatchSnapshot | TournamentSnapshot): Map<string, number> {
  const numbers = new Map([[keyOf(snapshot as MatchSnapshot), snapshot.sequence]]);
  for (const match of "matches" in snapshot ? snapshot.matches : []) {
    numbers.set(matchKey(match.match_id), match.sequence);
  }
  return numbers;
}
