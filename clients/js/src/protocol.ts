/** The part of the protocol that a client uses: rooms, events, responses. */

import type { Clock, Scoring } from "./scores.ts";

export type { Clock, Scoring };
export type Room = { match: string } | { tournament: string };
export type MatchState = "scheduled" | "live" | "paused" | "disputed" | "postponed" | "completed" | "cancelled";
export type Outcome =
  | "played" | "walkover" | "forfeit" | "double_forfeit" | "retired" | "disqualified" | "awarded" | "abandoned" | "bye";
export type DecidedBy = "regulation" | "overtime" | "shootout" | "tiebreak";
export type Resolution = "upheld" | "rejected" | "withdrawn";
export type Role = "admin" | "service" | "organizer" | "participant" | "spectator";
export type Details = Record<string, unknown>;

/** How a match ended; all null before that. */
export interface MatchResult {
  /** Also null after a draw, or if there is no winner. */
  winner_id: string | null;
  outcome: Outcome | null;
  decided_by: DecidedBy | null;
}

export type Metadata = Record<string, unknown>;

export interface Period {
  name: string;
  participant1_score: number;
  participant2_score: number;
  /** Whether it is over. */
  final: boolean;
}

export interface Shootout {
  participant1_score: number;
  participant2_score: number;
}

/** State that is kept beside a score until it is sent again; omitted if there is none. */
export interface PlayState {
  periods?: Period[];
  clock?: Clock;
  shootout?: Shootout;
}

/** A player or a team; or a `placeholder` with a text; or a `bye`, which has no opponent. */
export interface Participant {
  id?: string;
  name?: string;
  metadata?: Metadata;
  placeholder?: string;
  bye?: true;
}

/** A match in a tournament's snapshot. Large snapshots leave `details` out. */
export interface MatchSummary extends MatchResult, PlayState {
  match_id: string;
  state: MatchState;
  participant1_score: number;
  participant2_score: number;
  details?: Details | null;
  open_disputes: number;
  revision: number;
  sequence: number;
  /** The sequence of the event that last changed the participants or the time. */
  registration?: number;
  updated_at: number | null;
}

export interface MatchSnapshot extends MatchSummary {
  tournament_id: string;
  participants: Participant[];
  scheduled_at: string | null;
  /** Omitted: whole numbers from zero. */
  scoring?: Scoring;
  metadata?: Metadata;
  updated_by?: string | null;
}

export interface TournamentSnapshot {
  tournament_id: string;
  name: string;
  state: "open" | "completed";
  sequence: number;
  matches: MatchSummary[];
  /** False: the matches have no details. */
  complete: boolean;
}

interface MatchEvent {
  match_id: string;
  tournament_id: string;
  sequence: number;
  server_time: number;
}

export interface AcceptedScore extends PlayState {
  participant1_score: number;
  participant2_score: number;
  details: Details | null;
  updated_at: number;
  updated_by?: string;
  revision: number;
  /** The revision that this one takes back or corrects, if the sender named one. */
  corrects?: number;
}

export interface ScoreUpdated extends MatchEvent, AcceptedScore {
  merged: number;
  /** The merged scores in order, as many as fit into 8 KB; the history has all of them. */
  updates?: AcceptedScore[];
  /** Whether a score was taken back or corrected. */
  correction: boolean;
  window_ms?: number;
}

export interface MatchStarted extends MatchEvent {
  started_by?: string;
}

interface StoredScore extends PlayState {
  participant1_score: number;
  participant2_score: number;
  details: Details | null;
  revision: number;
}

export interface MatchStateChanged extends MatchEvent, Partial<StoredScore> {
  /** The score is included when the new state is `cancelled`, and when a start is undone. */
  old_state: MatchState;
  new_state: MatchState;
  changed_by?: string;
}

export interface DisputeCreated extends MatchEvent {
  dispute_id: string;
  initiated_by?: string;
  status: "open";
  open_disputes: number;
}

export interface DisputeResolved extends MatchEvent {
  dispute_id: string;
  resolution: Resolution;
  resolved_by?: string;
  open_disputes: number;
}

export interface MatchCompleted extends MatchEvent, MatchResult, StoredScore {
  confirmed_by?: string;
}

export interface ResultAmended extends MatchEvent {
  before: MatchResult & StoredScore;
  after: MatchResult & StoredScore;
  reason: string;
  amended_by?: string;
}

export interface MatchReopened extends MatchEvent, MatchResult, StoredScore {
  old_state: MatchState;
  new_state: MatchState;
  reason: string;
  reopened_by?: string;
}

/** A dispute with its texts, as officials and the match's participants read it over HTTP. */
export interface Dispute {
  dispute_id: string;
  initiated_by: string;
  reason: string;
  created_at: number;
  status: "open" | "resolved";
  resolution: Resolution | null;
  note: string | null;
  resolved_by: string | null;
  resolved_at: number | null;
}

/** The registration of a match. */
interface Registration extends MatchEvent {
  participants: MatchSnapshot["participants"];
  scheduled_at: MatchSnapshot["scheduled_at"];
  scoring?: Scoring;
  metadata?: Metadata;
}

export interface MatchRegistered extends Registration {
  state: MatchState;
}

export interface MatchUpdated extends Registration {
  /** The names of the fields that differ from before. */
  changed: string[];
}

/** The sender's own fields, with the tournament's id and sequence. */
export interface BracketEvent extends Record<string, unknown> {
  tournament_id: string;
  sequence: number;
}

export interface Viewers {
  room: "match" | "tournament";
  match_id: string | null;
  tournament_id: string | null;
  count: number;
  sequence: number;
  server_time: number;
}

/** The server's events by their type. */
export interface ServerEvents {
  score_updated: ScoreUpdated;
  match_started: MatchStarted;
  match_state_changed: MatchStateChanged;
  match_completed: MatchCompleted;
  result_amended: ResultAmended;
  match_reopened: MatchReopened;
  dispute_created: DisputeCreated;
  dispute_resolved: DisputeResolved;
  match_registered: MatchRegistered;
  match_updated: MatchUpdated;
  match_deleted: MatchEvent;
  bracket_generated: BracketEvent;
  bracket_updated: BracketEvent;
  tournament_completed: BracketEvent;
  tournament_reopened: BracketEvent;
  viewers: Viewers;
}

/** A room's state and the client's role in it: the data of `subscribed`. */
export interface Subscribed {
  match_id: string | null;
  tournament_id: string;
  role: Role;
  is_participant: boolean;
  snapshot: MatchSnapshot | TournamentSnapshot;
  sequence: number;
  viewers: number;
  recovered: boolean;
  events: EventMessage[];
}

/** The data of `connection_established`, as far as this client uses it. */
export interface ConnectionEstablished extends Partial<Omit<Subscribed, "snapshot">> {
  heartbeat_interval: number;
  heartbeat_timeout: number;
  server_time: number;
  expires_at: number | null;
  snapshot: Subscribed["snapshot"] | null;
}

/** An entry of a match's history: a score by itself, or a decisive event as it was published. */
export type HistoryEntry =
  | { type: "score_accepted"; data: AcceptedScore }
  | { type: string; data: MatchEvent & Record<string, unknown> };

export interface Accepted {
  match_id: string;
  revision: number;
}

export interface ErrorMessage {
  type: "error";
  id?: string;
  code: string;
  message: string;
  retry_after_ms?: number;
  data?: Record<string, unknown>;
}

export interface Goodbye {
  type: "goodbye";
  code: number;
  reason: string;
  reconnect: boolean;
  retry_after_ms?: number;
  /** With `moved`: where to connect instead. */
  endpoint?: CellEndpoint;
}

/** The addresses of the cell in which a tournament lives. */
export interface CellEndpoint {
  socket_url: string;
  http_url: string;
}

/** An event's message. */
export interface EventMessage {
  type: string;
  data: Record<string, unknown>;
}

/** Any message, in either direction. */
export interface Message {
  type?: string;
  id?: string;
  [field: string]: unknown;
}

/** Goodbye codes. */
export const TOKEN_REQUIRED = 4001;
export const SOCKET_EXPIRING = 4012;

/** The messages of a batch, in order; any other message alone. */
export function unpack(message: Message): Message[] {
  if (message.type !== "batch") return [message];
  const { messages } = Object(message["data"]);
  return Array.isArray(messages) ? messages.map(Object) : [];
}

/** A text that cannot be parsed gives an empty message: a sign of life, nothing else. */
export function parseMessage(text: unknown): Message {
  try {
    return Object(JSON.parse(text as string));
  } catch {
    return {};
  }
}
