/** Keys of rooms and streams. A stream has a sequence: a match's, or a tournament's own. */

import type { EventMessage, MatchSnapshot, Room, TournamentSnapshot } from "./protocol.ts";

const TOURNAMENT_EVENT = /^(bracket|tournament)_/;

const text = (id: unknown): string => (typeof id === "string" ? id : "");
const matchKey = (id: unknown): string => `m:${text(id)}`;
const tournamentKey = (id: unknown): string => `t:${text(id)}`;

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
  const { matches } = snapshot as TournamentSnapshot;
  const listed = [snapshot, ...(Array.isArray(matches) ? matches : [])].filter(hasSequence);
  return new Map(listed.map((each) => [keyOf(each as MatchSnapshot), each.sequence]));
}

export const hasSequence = (data: { sequence: unknown } | null): boolean =>
  Number.isSafeInteger(data?.sequence);
