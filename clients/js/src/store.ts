/** The state of a match's or a tournament's room, for user interfaces. */

import { withDescription, withEvent, withMessages, withSnapshot, withoutMissing } from "./reducer.ts";
import type { Connection, Status } from "./interface.ts";
import type { Match } from "./reducer.ts";
import type { Snapshot } from "./memberships.ts";
import type { EventMessage, Room, Viewers } from "./protocol.ts";

export type { Match };
export type Timeline = readonly EventMessage[];

/** An immutable state: the same object until something changes. */
export interface Store<State> {
  readonly state: State;
  /** Joins the room while there is a listener. Returns a function that removes it. */
  subscribe(listener: () => void): () => void;
}

interface RoomState {
  status: Status;
  viewers: number | null;
  /** The code of the error that refused the room; null while there is none. */
  error: string | null;
}

export interface MatchRoom extends RoomState {
  match: Match | null;
  timeline: Timeline;
}

export interface TournamentRoom extends RoomState {
  tournament: { tournament_id: string; name?: string; state?: string; [field: string]: unknown } | null;
  matches: ReadonlyMap<string, Match>;
  timelines: ReadonlyMap<string, Timeline>;
  /** The data of the latest bracket event. */
  bracket: Record<string, unknown> | null;
}

export interface MatchStore extends Store<MatchRoom> {
  /** Add the match's events since its first to the timeline. */
  loadTimeline(): Promise<void>;
  addEvents(events: readonly EventMessage[]): void;
}

export interface TournamentStore extends Store<TournamentRoom> {
  /** Add what was read over HTTP: names and kick-offs are in no snapshot of a tournament. */
  load(listing: { matches: Match[]; [field: string]: unknown }): void;
  addEvents(match: string, events: readonly EventMessage[]): void;
  /** Add events from the tournament's or a match's first. */
  loadHistory(room?: Room): Promise<void>;
}

/** A component that is replaced by another of the same room keeps the membership. */
export const LINGER_MS = 1_000;
const NO_TIMELINE: Timeline = [];
const stores = new WeakMap<Connection, Map<string, RoomStore>>();

/** The same store for the same arguments. `initial` is a snapshot from the server, to start with. */
export function tournamentStore(connection: Connection, id: string, initial?: { matches: Match[] }): TournamentStore {
  return storeOf(connection, { tournament: id }, initial);
}

/** The same state for the same arguments. `initial` is a snapshot from the server, to start with. */
export function matchStore(connection: Connection, id: string, initial?: Match): MatchStore {
  const room = storeOf(connection, { match: id }, initial && { matches: [initial] });
  let source = room.state;
  let state = select(source);

  function select({ status, viewers, error, matches, timelines }: TournamentRoom): MatchRoom {
    return { status, viewers, error, match: matches.get(id) ?? null, timeline: timelines.get(id) ?? NO_TIMELINE };
  }

  return {
    get state() {
      if (source === room.state) return state;
      source = room.state;
      const next = select(source);
      const isSame = (Object.keys(next) as (keyof MatchRoom)[]).every((name) => next[name] === state[name]);
      return isSame ? state : (state = next);
    },
    subscribe: (listener) => room.subscribe(listener),
    loadTimeline: () => room.loadHistory(),
    addEvents: (events) => room.addEvents(id, events),
  };
}

function storeOf(connection: Connection, room: Room, initial?: { matches: Match[] }): RoomStore {
  const ofConnection = stores.get(connection) ?? new Map<string, RoomStore>();
  stores.set(connection, ofConnection);
  const key = JSON.stringify(room);
  const store = ofConnection.get(key) ?? new RoomStore(connection, room);
  ofConnection.set(key, store);
  if (initial && store.state.matches.size === 0) store.load(initial);
  return store;
}

class RoomStore implements TournamentStore {
  state: TournamentRoom;
  readonly #connection: Connection;
  readonly #room: Room;
  readonly #listeners = new Set<() => void>();
  /** The matches of which this socket has sent something: what it sends later is newer. */
  readonly #confirmed = new Set<string>();
  #detach: (() => void) | null = null;
  #lingering: unknown;

  constructor(connection: Connection, room: Room) {
    this.#connection = connection;
    this.#room = room;
    this.state = {
      status: connection.status,
      viewers: null,
      error: null,
      tournament: null,
      matches: new Map(),
      timelines: new Map(),
      bracket: null,
    };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    clearTimeout(this.#lingering as number);
    this.#detach ??= this.#attach();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#lingering = setTimeout(() => this.#leave(), LINGER_MS);
    };
  }

  load({ matches: listed, ...tournament }: Parameters<TournamentStore["load"]>[0]): void {
    const matches = this.#withMatches(listed.map((match) => {
      const known = this.state.matches.get(match.match_id);
      const isOld = known && known.sequence > match.sequence;
      return isOld ? withDescription(known, match) : withSnapshot(known, match);
    }));
    this.#update({ matches: withoutMissing(matches, listed, tournament, this.#confirmed), ...this.#describedBy(tournament) });
  }

  addEvents(match: string, events: readonly EventMessage[]): void {
    const known = this.state.timelines.get(match) ?? NO_TIMELINE;
    const timeline = withMessages(known, events);
    if (timeline !== known) this.#update({ timelines: new Map(this.state.timelines).set(match, timeline) });
  }

  async loadHistory(room = this.#room): Promise<void> {
    const { events } = await this.#connection.subscribe(room, { since: 0 });
    for (const event of events) this.#receive(event);
  }

  #attach(): () => void {
    const connection = this.#connection;
    const stops = [
      connection.on("status", () => this.#receiveStatus()),
      connection.on("snapshot", (event) => this.#receiveSnapshot(event)),
      connection.on("viewers", (event) => this.#receiveViewers(event)),
      connection.on("event", (event) => this.#receive(event)),
    ];
    this.#receiveStatus();
    connection.subscribe(this.#room).then(
      () => this.#update({ error: null }),
      (error: { code?: string }) => this.#update({ error: error.code ?? null }),
    );
    return () => stops.forEach((stop) => stop());
  }

  #leave(): void {
    this.#detach?.();
    this.#detach = null;
    void this.#connection.unsubscribe(this.#room);
  }

  #receiveStatus(): void {
    const { status } = this.#connection;
    // The server may have been restored meanwhile: the next socket's first snapshot wins.
    if (status.phase !== "live") this.#confirmed.clear();
    this.#update({ status });
  }

  #receiveSnapshot({ room, snapshot, viewers }: Snapshot): void {
    if (!isEqual(room, this.#room)) return;
    const { matches: listed, ...tournament } = snapshot as unknown as { matches?: Match[] };
    const fresh = (Array.isArray(listed) ? listed : [snapshot as unknown as Match]).filter((match) => this.#isFresh(match));
    const matches = this.#withMatches(fresh.map((match) => withSnapshot(this.state.matches.get(match.match_id), match)));
    for (const match of fresh) {
      this.#confirmed.add(match.match_id);
      this.addEvents(match.match_id, [{ type: "snapshot", data: { ...match } }]);
    }
    this.#update({
      matches: Array.isArray(listed) ? withoutMissing(matches, listed, tournament, this.#confirmed) : matches,
      viewers,
      ...(listed && this.#describedBy(tournament)),
    });
  }

  #isFresh(match: Match | null): boolean {
    const { match_id, sequence } = match ?? {};
    if (typeof match_id !== "string" || !Number.isSafeInteger(sequence)) return false;
    const known = this.state.matches.get(match_id);
    return !(known && this.#confirmed.has(match_id) && known.sequence > sequence!);
  }

  #withMatches(listed: readonly Match[]): ReadonlyMap<string, Match> {
    const { matches } = this.state;
    const changed = listed.filter((match) => !isEqual(matches.get(match.match_id), match));
    return changed.length ? new Map([...matches, ...changed.map((match) => [match.match_id, match] as const)]) : matches;
  }

  #describedBy(fields: object): Partial<TournamentRoom> {
    const tournament = { ...this.state.tournament, ...fields } as TournamentRoom["tournament"];
    return isEqual(tournament, this.state.tournament) ? {} : { tournament };
  }

  #receiveViewers(viewers: Viewers): void {
    const { match, tournament } = this.#room as { match?: string; tournament?: string };
    if (viewers.match_id ? viewers.match_id === match : viewers.tournament_id === tournament) {
      this.#update({ viewers: viewers.count });
    }
  }

  #receive(event: EventMessage): void {
    const { match_id: id, tournament_id } = event.data as { match_id?: string; tournament_id?: string };
    const { match, tournament } = this.#room as { match?: string; tournament?: string };
    if (match !== undefined ? id !== match : tournament_id !== tournament) return;
    if (event.type.startsWith("bracket_")) return this.#update({ bracket: event.data });
    if (typeof id !== "string" || !Number.isSafeInteger(event.data.sequence)) return;
    if (event.type === "match_deleted") return this.#delete(id);
    this.addEvents(id, [event]);
    const known = this.state.matches.get(id);
    const changed = withEvent(known, event);
    if (!changed || changed === known) return;
    this.#confirmed.add(id);
    this.#update({ matches: this.#withMatches([changed]) });
  }

  #delete(id: string): void {
    const [matches, timelines] = [new Map(this.state.matches), new Map(this.state.timelines)];
    for (const known of [matches, timelines, this.#confirmed]) known.delete(id);
    this.#update({ matches, timelines });
  }

  #update(changes: Partial<TournamentRoom>): void {
    const names = Object.keys(changes) as (keyof TournamentRoom)[];
    if (names.every((name) => changes[name] === this.state[name])) return;
    this.state = { ...this.state, ...changes };
    for (const listener of [...this.#listeners]) listener();
  }
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
