/** The rooms of a connection: joined on each socket, synchronized again when events are missing. */

import { AnswerTimeout, CommandRefused, ConnectionLost, RETRYABLE } from "./errors.ts";
import { RETRY_FOR_MS } from "./commands.ts";
import { Feed } from "./feed.ts";
import { keyOf, roomFields, roomKey } from "./rooms.ts";
import { Timer } from "./timer.ts";
import type { Commands } from "./commands.ts";
import type { Sync } from "./feed.ts";
import type { Platform } from "./platform.ts";
import type {
  ConnectionEstablished, ErrorMessage, EventMessage, MatchSnapshot, Role, Room, Subscribed,
  TournamentSnapshot, Viewers,
} from "./protocol.ts";
import type { Socket } from "./socket.ts";

/** Events are buffered no longer than this for an answer. */
export const BUFFER_MS = 3_000;
/** Before a room is synchronized: a late event may still arrive. */
export const GAP_MS = 100;
const GAP_JITTER_MIN_MS = 400;
const GAP_JITTER_MAX_MS = 5_000;
/** All viewers of a room may miss the same event: keeps their requests under 500 a second. */
const GAP_JITTER_PER_VIEWER_MS = 2;
/** A viewer count may overtake the event whose sequence it carries. */
export const VIEWERS_GAP_MS = 1_500;
const REJOIN_MS = 2_000;

/** A room's state, emitted after every join and every synchronization. */
export interface Snapshot {
  room: Room;
  snapshot: MatchSnapshot | TournamentSnapshot;
  /** Null while it is polled. */
  viewers: number | null;
  /** Every decisive event that was missed has been emitted before this. */
  recovered: boolean;
  /** The room's first snapshot on a new socket; otherwise events were missing. */
  established: boolean;
  role: Role;
  is_participant: boolean;
}

type Answer = Omit<Subscribed, "match_id" | "tournament_id" | "sequence">;

/** A pending `subscribe` call, given its answer or an error. */
type Waiter = (answer: Subscribed | Error) => void;

interface Membership {
  room: Room;
  viewers: number;
  waiters: Set<Waiter>;
  gapTimer: Timer;
}

/** What one socket has asked of its rooms. */
interface SocketRooms {
  inUrl: Room | null;
  /** By room: the answers that are awaited. */
  syncs: Map<string, Sync>;
  answered: Set<string>;
}

export type Emit = (type: string, event: unknown) => void;

export class Memberships {
  readonly #platform: Platform;
  readonly #commands: Commands;
  readonly #emit: Emit;
  readonly #feed = new Feed();
  readonly #rooms = new Map<string, Membership>();
  readonly #sockets = new Map<Socket, SocketRooms>();
  /** The socket on which rooms are synchronized. */
  #current: Socket | null = null;

  constructor(platform: Platform, commands: Commands, emit: Emit) {
    this.#platform = platform;
    this.#commands = commands;
    this.#emit = emit;
  }

  /** Add a room; it is joined on every socket from then on. */
  add(room: Room): Membership {
    const key = roomKey(room);
    const membership = this.#rooms.get(key) ?? {
      room,
      viewers: 0,
      waiters: new Set(),
      gapTimer: new Timer(this.#platform),
    };
    this.#rooms.set(key, membership);
    this.#feed.join(key);
    return membership;
  }

  subscribe(room: Room, since?: number): Promise<Subscribed> {
    const { waiters } = this.add(room);
    for (const [socket, { syncs }] of this.#sockets) {
      const isPending = since === undefined && syncs.has(roomKey(room));
      if (socket.welcome && !isPending) void this.#join(socket, roomKey(room), since);
    }
    return new Promise((resolve, reject) => {
      const timer = new Timer(this.#platform);
      const waiter = (answer: Subscribed | Error) => {
        waiters.delete(waiter);
        timer.stop();
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      waiters.add(waiter);
      timer.start(RETRY_FOR_MS, () => waiter(new AnswerTimeout("subscribe", true)));
    });
  }

  /** Resolves when the server has confirmed it, or no longer answers. */
  async unsubscribe(room: Room): Promise<void> {
    this.#remove(roomKey(room), new ConnectionLost("unsubscribed", false));
    const sockets = [...this.#sockets.keys()].filter(({ welcome }) => welcome);
    await Promise.all(sockets.map((socket) => this.#leave(socket, room)));
  }

  /** The room for the URL of the first socket. Once a sequence is known, `since` recovers events. */
  roomForUrl(): Room | null {
    const [first] = this.#rooms;
    return first && this.#feed.latest(first[0]) === undefined ? first[1].room : null;
  }

  /** A socket is being opened, with a room in its URL or none. */
  attach(socket: Socket, room: Room | null): void {
    const syncs = new Map(room ? [[roomKey(room), this.#feed.startSync(roomKey(room))]] : []);
    this.#sockets.set(socket, { inUrl: room, syncs, answered: new Set() });
  }

  /** Synchronize rooms on this socket from now on. */
  switchTo(socket: Socket | null): void {
    this.#current = socket;
  }

  /** Join every room on an established socket; resolves when each has been answered once. */
  async joinAll(socket: Socket, welcome: ConnectionEstablished): Promise<void> {
    const { syncs, inUrl } = this.#sockets.get(socket)!;
    const [viaUrl] = syncs.values();
    syncs.clear();
    const answer = { ...welcome, recovered: false, events: [] } as unknown as Subscribed;
    if (inUrl && !this.#rooms.has(roomKey(inUrl))) void this.#leave(socket, inUrl);
    if (viaUrl && welcome.snapshot) this.#finishSync(socket, viaUrl, answer);
    const others = [...this.#rooms.keys()].filter((key) => key !== viaUrl?.key);
    await Promise.all(others.map((key) => this.#join(socket, key)));
  }

  get sockets(): Iterable<Socket> {
    return this.#sockets.keys();
  }

  /** The socket has ended. */
  detach(socket: Socket): void {
    const rooms = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    for (const sync of rooms?.syncs.values() ?? []) this.#cancelSync(sync);
  }

  /** The connection has ended: pending calls fail, rooms are kept. */
  rejectWaiters(reason: string | null): void {
    const lost = new ConnectionLost(reason, false);
    for (const membership of this.#rooms.values()) notifyWaiters(membership, lost);
  }

  receive(socket: Socket, event: EventMessage): void {
    if (event.type === "viewers") return this.#receiveViewers(socket, event);
    this.#emitAll(this.#feed.receive(event));
    this.#scheduleSyncs(GAP_MS);
  }

  #receiveViewers(socket: Socket, event: EventMessage): void {
    const viewers = event.data as unknown as Viewers;
    const key = keyOf(event.data);
    if (socket !== this.#current || !this.#rooms.has(key)) return;
    this.#rooms.get(key)!.viewers = viewers.count;
    this.#emit(event.type, viewers);
    this.#feed.noteSequence(key, viewers.sequence);
    this.#scheduleSyncs(VIEWERS_GAP_MS);
  }

  /** Synchronize, soon, the rooms of which events are missing. */
  #scheduleSyncs(delayMs: number): void {
    for (const key of this.#feed.roomsWithGaps()) this.#scheduleSync(key, delayMs);
  }

  #scheduleSync(key: string, delayMs: number, isForced?: boolean): void {
    const membership = this.#rooms.get(key);
    if (!membership || membership.gapTimer.isRunning) return;
    const spreadMs = membership.viewers * GAP_JITTER_PER_VIEWER_MS || 0; // of a count that is none
    const jitterMs = Math.min(GAP_JITTER_MAX_MS, Math.max(GAP_JITTER_MIN_MS, spreadMs));
    membership.gapTimer.start(delayMs + this.#platform.random() * jitterMs, () => {
      if (isForced || this.#feed.roomsWithGaps().has(key)) this.#sync(key);
    });
  }

  #sync(key: string): void {
    const socket = this.#current;
    if (!socket) return; // the next one joins every room
    if (this.#sockets.get(socket)!.syncs.has(key)) this.#scheduleSync(key, GAP_MS);
    else void this.#join(socket, key);
  }

  async #join(socket: Socket, key: string, from?: number): Promise<void> {
    const rooms = this.#sockets.get(socket);
    const membership = this.#rooms.get(key);
    if (!rooms || !membership) return;
    const sync = this.#feed.startSync(key);
    rooms.syncs.set(key, sync);
    const buffering = new Timer(this.#platform);
    buffering.start(BUFFER_MS, () => this.#cancelSync(sync));
    const message = { type: "subscribe", ...roomFields(membership.room), since: from ?? sync.since };
    try {
      this.#finishSync(socket, sync, await this.#commands.send(message, { socket }));
    } catch (error) {
      this.#cancelSync(sync);
      this.#handleFailure(socket, key, error as Error);
      if (error instanceof CommandRefused) return;
    } finally {
      buffering.stop();
      if (rooms.syncs.get(key) === sync) rooms.syncs.delete(key);
    }
    // The server may have executed it after a later unsubscribe.
    if (!this.#rooms.has(key)) void this.#leave(socket, membership.room);
  }

  /** Send `unsubscribe` until it is answered or the room is wanted again. */
  async #leave(socket: Socket, room: Room, deadlineMs = this.#platform.monotonicMs() + RETRY_FOR_MS): Promise<void> {
    const key = roomKey(room);
    if (!this.#sockets.has(socket)) return;
    const message = { type: "unsubscribe", ...roomFields(room) };
    const error = await this.#commands.send(message, { socket }).then(() => null, (failure) => failure);
    const isRepeated = error && !isRejection(error) && this.#platform.monotonicMs() < deadlineMs;
    if (isRepeated) await new Promise<void>((resume) => this.#platform.setTimeout(resume, retryDelayMs(error)));
    // The server may have executed it after a later subscribe.
    if (this.#rooms.has(key)) void this.#join(socket, key);
    else if (isRepeated) await this.#leave(socket, room, deadlineMs);
  }

  #cancelSync(sync: Sync): void {
    this.#emitAll(this.#feed.cancelSync(sync));
  }

  #finishSync(socket: Socket, sync: Sync, answer: Subscribed): void {
    const membership = this.#rooms.get(sync.key);
    const rooms = this.#sockets.get(socket);
    if (!membership || !rooms) return;
    const isFirst = !rooms.answered.has(sync.key);
    rooms.answered.add(sync.key);
    membership.viewers = answer.viewers;
    const { before, after, isOutdated, isInTime } = this.#feed.finishSync(sync, answer, isFirst);
    this.#emitAll(before);
    if (isOutdated) this.#scheduleSync(sync.key, GAP_MS, true);
    else this.#emitSnapshot(membership.room, answer, isFirst, isInTime);
    this.#emitAll(after);
    notifyWaiters(membership, answer);
  }

  #emitSnapshot(
    room: Room,
    { snapshot, viewers, recovered, role, is_participant }: Answer,
    established: boolean,
    isInTime: boolean,
  ): void {
    recovered &&= isInTime;
    const event = { room, snapshot, viewers, recovered, established, role, is_participant };
    this.#emit("snapshot", event satisfies Snapshot);
  }

  #handleFailure(socket: Socket, key: string, error: Error): void {
    if (error instanceof ConnectionLost) return; // the next socket joins again
    const { room, waiters } = this.#rooms.get(key) ?? {};
    if (isRejection(error)) {
      const { code, message, data } = error;
      if (waiters?.size) return this.#remove(key, error);
      this.#emit("error", { type: "error", code, message, data: { ...data, ...room } } satisfies ErrorMessage);
      if (code !== "room_full") return this.#remove(key, error);
    }
    this.#platform.setTimeout(() => void this.#join(socket, key), retryDelayMs(error));
  }

  #remove(key: string, error: Error): void {
    const membership = this.#rooms.get(key);
    this.#rooms.delete(key);
    this.#feed.leave(key);
    if (!membership) return;
    membership.gapTimer.stop();
    notifyWaiters(membership, error);
  }

  #emitAll(events: EventMessage[]): void {
    for (const event of events) {
      this.#emit(event.type, event.data);
      this.#emit("event", event);
    }
  }
}

function isRejection(error: Error): error is CommandRefused {
  return error instanceof CommandRefused && !RETRYABLE.test(error.code);
}

/** After an answer that did not come in time: at once. */
function retryDelayMs(error: Partial<CommandRefused & AnswerTimeout>): number {
  return error.sent ? 0 : (error.retryAfterMs ?? REJOIN_MS);
}

function notifyWaiters({ waiters }: Membership, answer: Subscribed | Error): void {
  for (const waiter of waiters) waiter(answer);
}
