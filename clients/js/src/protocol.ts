/** The wire, as far as a client must know it: rooms, events, answers. */

export type Room = { match: string } | { tournament: string };
export type MatchState = "scheduled" | "live" | "paused" | "disputed" | "completed" | "cancelled";
export type Role = "admin" | "service" | "organizer" | "participant" | "spectator";
export type Details = Record<string, unknown>;

/** A match as a tournament's snapshot has it. `details` may be left out of a large one. */
export interface Standing {
  match_id: string;
  state: MatchState;
  participant1_score: number;
  participant2_score: number;
  details?: Details | null;
  winner_id: string | null;
  revision: number;
  sequence: number;
  updated_at: number | null;
}

export interface MatchSnapshot extends Standing {
  tournament_id: string;
  participants: { id: string; name: string }[];
  scheduled_at: string;
  updated_by: string | null;
}

export interface TournamentSnapshot {
  tournament_id: string;
  name: string;
  state: "open" | "completed";
  sequence: number;
  matches: Standing[];
  /** False: the matches came without their details. */
  complete: boolean;
}

interface OfMatch {
  match_id: string;
  tournament_id: string;
  sequence: number;
  server_time: number;
}

export interface ScoreUpdated extends OfMatch {
  participant1_score: number;
  participant2_score: number;
  details: Details | null;
  updated_at: number;
  updated_by: string;
  revision: number;
  merged: number;
  window_ms?: number;
}

export interface MatchStarted extends OfMatch {
  started_by: string;
}

export interface MatchStateChanged extends OfMatch {
  old_state: MatchState;
  new_state: MatchState;
  changed_by: string;
  /** The scores and `details` come with `cancelled`. */
  participant1_score?: number;
  participant2_score?: number;
  details?: Details | null;
}

export interface DisputeCreated extends OfMatch {
  dispute_id: string;
  initiated_by: string;
  reason: string;
  status: "open";
}

export interface MatchCompleted extends OfMatch {
  winner_id: string | null;
  confirmed_by: string;
  participant1_score: number;
  participant2_score: number;
  details: Details | null;
}

/** Whatever the sender gave, with the tournament's id and its own number. */
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

/** What the server tells, by its name on the wire. */
export interface ServerEvents {
  score_updated: ScoreUpdated;
  match_started: MatchStarted;
  match_state_changed: MatchStateChanged;
  match_completed: MatchCompleted;
  dispute_created: DisputeCreated;
  bracket_generated: BracketEvent;
  bracket_updated: BracketEvent;
  tournament_completed: BracketEvent;
  viewers: Viewers;
}

/** Where a client stands in a room: the data of `subscribed`. */
export interface Subscribed {
  match_id: string | null;
  tournament_id: string;
  role: Role;
  is_participant: boolean;
  snapshot: MatchSnapshot | TournamentSnapshot;
  sequence: number;
  viewers: number;
  recovered: boolean;
  events: Told[];
}

/** The data of `connection_established`, as far as it is read here. */
export interface Established extends Partial<Omit<Subscribed, "snapshot">> {
  heartbeat_interval: number;
  heartbeat_timeout: number;
  server_time: number;
  expires_at: number | null;
  snapshot: Subscribed["snapshot"] | null;
}

export interface Accepted {
  match_id: string;
  revision: number;
}

export interface ErrorFrame {
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
}

/** An event as a frame has it. */
export interface Told {
  type: string;
  data: Record<string, unknown>;
}

/** Any frame, in or out. */
export interface Frame {
  type?: string;
  id?: string;
  [field: string]: unknown;
}

export const NEW_TOKEN_NEEDED = 4001;
export const SOCKET_TOO_OLD = 4012;

/** The frame in a text; one that cannot be read is an empty one: a sign of life, nothing else. */
export function frameOf(text: unknown): Frame {
  try {
    return Object(JSON.parse(text as string));
  } catch {
    return {};
  }
}
