/** A match and its timeline, folded from snapshots and events. Pure. */

import type { Clock, Details, EventMessage, MatchState, Metadata, Participant, Period, Scoring, Shootout } from "./protocol.ts";

/** What is known of a match; only the first fields are always there. */
export interface Match<D = Details> {
  match_id: string;
  state: MatchState;
  sequence: number;
  participant1_score: number;
  participant2_score: number;
  participants?: Participant[];
  scheduled_at?: string | null;
  periods?: Period[] | undefined;
  clock?: Clock | undefined;
  shootout?: Shootout | undefined;
  scoring?: Scoring | undefined;
  metadata?: Metadata | undefined;
  details?: D | null;
  winner_id?: string | null;
  revision?: number;
  /** The sequence of the event that last changed the participants or the time; `described` is the one known here. */
  registration?: number;
  described?: number;
  updated_at?: number | null;
  [field: string]: unknown;
}

const TIMELINE_MAX = 300;
/** What an event says of itself, not of the match. */
const OF_EVENT = /^(before|after|(old|new)_state|reason|status|changed|dispute_id|resolution)$/;
const REGISTRATION = /^match_(registered|updated)$/;
const STATES = new Map<string, MatchState>([
  ["match_started", "live"],
  ["match_completed", "completed"],
]);
/** A score contains all periods, clock and shoot-out: omitted ones have been removed. */
const NOTHING_STANDS = { periods: undefined, clock: undefined, shootout: undefined };
const UNKNOWN = { state: "scheduled", sequence: -1, participant1_score: 0, participant2_score: 0 } as const;

/** The match after an event: the same object if it is not newer. */
export function withEvent(known: Match | undefined, { type, data }: EventMessage): Match | undefined {
  const { sequence, match_id } = data as unknown as Match;
  if (typeof match_id !== "string" || !Number.isSafeInteger(sequence)) return known;
  const match = known ?? { ...UNKNOWN, match_id };
  if (sequence <= match.sequence) return known;
  const details = type === "score_updated" ? { details: null } : {};
  const stands = "participant1_score" in { ...data, ...(data.after as object) } ? NOTHING_STANDS : {};
  const after = data.after instanceof Object ? data.after : {};
  const described = REGISTRATION.test(type) ? { registration: sequence, described: sequence } : {};
  const registered = REGISTRATION.test(type) ? { scoring: undefined, metadata: undefined } : {};
  const state = stateAfter(match, type, data);
  return { ...match, ...details, ...stands, ...registered, ...fieldsOf(data), ...fieldsOf(after), ...described, state, sequence };
}

function stateAfter({ state }: Match, type: string, data: Record<string, unknown>): MatchState {
  // A score of a match whose start was missed.
  const implied = type === "score_updated" && state === "scheduled" ? "live" : state;
  const given = data.state ?? data.new_state ?? STATES.get(type);
  return typeof given === "string" ? (given as MatchState) : implied;
}

function fieldsOf(data: object): object {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !OF_EVENT.test(name)));
}

/** The match after a snapshot or a listing, neither of which needs to have every field. */
export function withSnapshot(known: Match | undefined, snapshot: Match): Match {
  // A large tournament's snapshot has no details: known ones belong to their sequence.
  const isOther = known && known.sequence !== snapshot.sequence && snapshot.details === undefined;
  const described = snapshot.participants && { described: snapshot.registration, scoring: undefined, metadata: undefined };
  const stands = snapshot.details !== undefined || isOther ? NOTHING_STANDS : {};
  return { ...known, ...(isOther && { details: null }), ...stands, ...described, ...snapshot };
}

/** The known match, with names and kick-off of a listing that is older but for these. */
export function withDescription(known: Match, { participants, scheduled_at, scoring, metadata, registration = 0 }: Match): Match {
  const isNewer = registration >= (known.described ?? 0);
  return isNewer ? ({ ...known, participants, scheduled_at, scoring, metadata, described: registration } as Match) : known;
}

/** Without the matches that a whole list lacks: they were deleted, except for those to keep. */
export function withoutMissing(
  matches: ReadonlyMap<string, Match>, listed: readonly Match[], { complete }: { complete?: unknown }, kept: ReadonlySet<string>,
): ReadonlyMap<string, Match> {
  const ids = new Set(listed.map((match) => match?.match_id));
  const isGone = (id: string) => complete === true && !ids.has(id) && !kept.has(id);
  return [...matches.keys()].some(isGone) ? new Map([...matches].filter(([id]) => !isGone(id))) : matches;
}

/** Whether names and kick-off are known, and still as registered: a tournament's snapshot has neither. */
export function isDescribed({ participants, registration = 0, described = 0 }: Match): boolean {
  return participants !== undefined && described >= registration;
}

/**
 * The timeline with more messages, in sequence order. A known message is not added; a decisive one
 * with another time under the same sequence shows that the server was restored, and starts afresh.
 */
export function withMessages(timeline: readonly EventMessage[], messages: readonly EventMessage[]): readonly EventMessage[] {
  const known = new Map(timeline.map((message) => [keyOf(message), message]));
  const isRestored = messages.some((message) => contradicts(known.get(keyOf(message)), message));
  const added = isRestored ? messages : messages.filter((message) => !known.has(keyOf(message)));
  if (added.length === 0) return timeline;
  return [...(isRestored ? [] : timeline), ...added].sort(bySequence).slice(-TIMELINE_MAX);
}

const keyOf = ({ type, data }: EventMessage): string => `${data.sequence} ${type}`;

/** A score may be sent twice, at different times; a decisive event's time is fixed. */
function contradicts(known: EventMessage | undefined, { type, data }: EventMessage): boolean {
  const isDecisive = type !== "score_updated" && type !== "snapshot";
  return !!known && isDecisive && known.data.server_time !== data.server_time;
}

function bySequence(a: EventMessage, b: EventMessage): number {
  return Number(a.data.sequence) - Number(b.data.sequence) || Number(a.type === "snapshot") - Number(b.type === "snapshot");
}
