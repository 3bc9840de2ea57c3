/** The table of a group, and the teams that advance in a bracket, from results. Pure. */

import type { Match } from "./reducer.ts";

export interface StandingsOptions {
  /** Points for a win, a draw and a loss: 3, 1 and 0 by default. */
  points?: readonly [win: number, draw: number, loss: number];
  /** Equal points are separated by the matches among those concerned before all matches. */
  headToHead?: boolean;
}

export interface Standing {
  id: string;
  name: string;
  played: number;
  won: number;
  drawn: number;
  lost: number;
  scored: number;
  conceded: number;
  points: number;
}

/** A slot of a knockout match: null for a participant from elsewhere. */
export type Slot = { winner_of: string } | { loser_of: string } | null;

export interface Round {
  matches: readonly { match_id: string; slots: readonly Slot[] }[];
}

type Participant = NonNullable<Match["participants"]>[number];

const POINTS = [3, 1, 0] as const;

/**
 * Best first: by points, goal difference, goals, name. Completed matches count, but for those that
 * were abandoned without a winner. After a double forfeit both have lost.
 */
export function standings(matches: Iterable<Match>, { points = POINTS, headToHead = false }: StandingsOptions = {}): Standing[] {
  const listed = [...matches].filter(({ participants }) => participants);
  const rows = tableOf(listed, points);
  if (!headToHead) return rows.sort(inOrder);
  const among = new Map<Standing, Standing>();
  for (const row of rows) {
    const equal = new Set(rows.filter((other) => other.points === row.points).map(({ id }) => id));
    const own = listed.filter(({ participants }) => participants!.every(({ id }) => equal.has(id ?? "")));
    among.set(row, tableOf(own, points).find(({ id }) => id === row.id) ?? row);
  }
  return rows.sort((a, b) => b.points - a.points || byResults(among.get(a)!, among.get(b)!) || inOrder(a, b));
}

export const difference = ({ scored, conceded }: Standing): number => scored - conceded;

/** By match, its participants as far as the feeding matches are decided; null for the others. */
export function advance(rounds: Iterable<Round>, matches: ReadonlyMap<string, Match>): Map<string, (Participant | null)[]> {
  const knockout = [...rounds].flatMap((round) => round.matches);
  return new Map(knockout.map(({ match_id, slots }) => [match_id, slots.map((slot) => inSlot(slot, matches))]));
}

function inSlot(slot: Slot, matches: ReadonlyMap<string, Match>): Participant | null {
  if (!slot) return null;
  const { participants, state, winner_id } = matches.get("winner_of" in slot ? slot.winner_of : slot.loser_of) ?? {};
  const place = state === "completed" && participants ? participants.findIndex(({ id }) => id === winner_id) : -1;
  return place < 0 ? null : (participants![("winner_of" in slot ? place : 1 - place)] ?? null);
}

function tableOf(matches: readonly Match[], points: readonly [number, number, number]): Standing[] {
  const rows = new Map<string, Standing>();
  for (const match of matches) {
    match.participants!.forEach(({ id, name }, side) => {
      if (!id) return;
      const row = rows.get(id) ?? { id, name: name || id, played: 0, won: 0, drawn: 0, lost: 0, scored: 0, conceded: 0, points: 0 };
      rows.set(id, counts(match) ? withResult(row, match, side, points) : row);
    });
  }
  return [...rows.values()];
}

function counts({ state, outcome, winner_id }: Match): boolean {
  return state === "completed" && !(outcome === "abandoned" && winner_id === null);
}

function withResult(row: Standing, match: Match, side: number, points: readonly [number, number, number]): Standing {
  const goals = [match.participant1_score, match.participant2_score] as const;
  const drawn = match.winner_id === null && match.outcome !== "double_forfeit";
  const won = match.winner_id === row.id;
  return {
    ...row,
    played: row.played + 1,
    won: row.won + Number(won),
    drawn: row.drawn + Number(drawn),
    lost: row.lost + Number(!won && !drawn),
    scored: row.scored + goals[side as 0 | 1],
    conceded: row.conceded + goals[(1 - side) as 0 | 1],
    points: row.points + points[won ? 0 : drawn ? 1 : 2],
  };
}

function byResults(a: Standing, b: Standing): number {
  return b.points - a.points || difference(b) - difference(a) || b.scored - a.scored;
}

function inOrder(a: Standing, b: Standing): number {
  return byResults(a, b) || (a.name < b.name ? -1 : 1);
}
