/** The rooms that a connection is in: joined on each socket, asked again where some are behind. */

import { AnswerTimeout, CommandRefused, ConnectionLost, PASSING } from "./errors.ts";
import { REPEATED_FOR_MS } from "./commands.ts";
import { Feed } from "./feed.ts";
import { keyOf, roomFields, roomKey } from "./rooms.ts";
import { Timer } from "./timer.ts";
import type { Commands } from "./commands.ts";
import type { Asked } from "./feed.ts";
import type { Platform } from "./platform.ts";
import type {
  ErrorFrame, Established, MatchSnapshot, Role, Room, Subscribed, Told, TournamentSnapshot, Viewers,
} from "./protocol.ts";
import type { Socket } from "./socket.ts";

/** Events are held back no longer than this for an answer. */
export const HOLD_MS = 3_000;
/** Before a room is asked again: what is late may still come, and not all viewers ask at once. */
export const GAP_MS = 100;
export const GAP_JITTER_MS = 400;
/** A count of viewers may overtake the event that it numbers. */
export const MENTION_MS = 1_500;
const REJOIN_MS = 2_000;

/** Where a room stands, told after every join and whenever it was asked again. */
export interface Snapshot {
  room: Room;
  snapshot: MatchSnapshot | TournamentSnapshot;
  viewers: number;
  /** All decisive events that were missed have been told before this. */
  recovered: boolean;
  /** The first of this room on a new socket; else it was asked for: something was missing. */
  established: boolean;
  role: Role;
  is_participant: boolean;
}

type Answer = Omit<Subscribed, "match_id" | "tournament_id" | "sequence">;

/** Who has called `subscribe`: told an answer or a fault. */
type Waiter = (answer: Subscribed | Error) => void;

interface Membership {
  room: Room;
  waiters: Set<Waiter>;
  gapTimer: Timer;
}

/** What has become of the rooms on one socket. */
interface Stay {
  /** By room: the answers that are awaited. */
  asked: Map<string, Asked>;
  answered: Set<string>;
}

/** Tells whoever listens. */
export type Tell = (type: string, event: unknown) => void;

export class Memberships {
  readonly #platform: Platform;
  readonly #commands: Commands;
  readonly #tell: Tell;
  readonly #feed = new Feed();
  readonly #rooms = new Map<string, Membership>();
  readonly #stays = new Map<Socket, Stay>();
  /** The socket that is asked where something is missing. */
  #current: Socket | null = null;

  constructor(platform: Platform, commands: Commands, tell: Tell) {
    this.#platform = platform;
    this.#commands = commands;
    this.#tell = tell;
  }

  /** Remember a room; it is joined on every socket from then on. */
  add(room: Room): Membership {
    const key = roomKey(room);
    const found = this.#rooms.get(key) ?? {
      room,
      waiters: new Set(),
      gapTimer: new Timer(this.#platform),
    };
    this.#rooms.set(key, found);
    this.#feed.enter(key);
    return found;
  }

  enter(room: Room, since?: number): Promise<Subscribed> {
    const { waiters } = this.add(room);
    const timer = new Timer(this.#platform);
    const answered = new Promise<Subscribed>((resolve, reject) => {
      const waiter = (answer: Subscribed | Error) => {
        waiters.delete(waiter);
        timer.stop();
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      waiters.add(waiter);
      timer.start(REPEATED_FOR_MS, () => waiter(new AnswerTimeout("subscribe", true)));
    });
    for (const [socket, stay] of this.#stays) {
      const isAsked = since === undefined && stay.asked.has(roomKey(room));
      if (socket.greeting && !isAsked) void this.#join(socket, roomKey(room), since);
    }
    return answered;
  }

  /** Resolves when the server has let the client out, or answers no more. */
  async leave(room: Room): Promise<void> {
    this.#forget(roomKey(room), new ConnectionLost("unsubscribed", false));
    const frame = { type: "unsubscribe", ...roomFields(room) };
    const sockets = [...this.#stays.keys()].filter(({ greeting }) => greeting);
    const asked = sockets.map((socket) => this.#commands.ask(frame, { socket, repeats: true }));
    await Promise.allSettled(asked);
  }

  /** The room for the URL of the first socket: while nothing is known, nothing can be recovered. */
  roomForUrl(): Room | null {
    const [first] = this.#rooms;
    return first && this.#feed.newest(first[0]) === undefined ? first[1].room : null;
  }

  /** A socket is being opened, with a room in its URL or none. */
  begin(socket: Socket, room: Room | null): void {
    const asked = new Map(room ? [[roomKey(room), this.#feed.ask(roomKey(room))]] : []);
    this.#stays.set(socket, { asked, answered: new Set() });
  }

  /** Ask this socket from now on where something is missing. */
  goTo(socket: Socket | null): void {
    this.#current = socket;
  }

  /** Join all rooms on a socket that was greeted; resolves when each has been answered once. */
  async greet(socket: Socket, greeting: Established): Promise<void> {
    const { asked } = this.#stays.get(socket)!;
    const [viaUrl] = asked.values();
    asked.clear();
    const answer = { recovered: false, events: [], ...greeting } as unknown as Subscribed;
    if (viaUrl && greeting.snapshot) this.#settle(socket, viaUrl, answer);
    const others = [...this.#rooms.keys()].filter((key) => key !== viaUrl?.key);
    await Promise.all(others.map((key) => this.#join(socket, key)));
  }

  get sockets(): Iterable<Socket> {
    return this.#stays.keys();
  }

  /** The socket has ended. */
  drop(socket: Socket): void {
    const stay = this.#stays.get(socket);
    this.#stays.delete(socket);
    for (const asked of stay?.asked.values() ?? []) this.#giveUp(asked);
  }

  /** The connection has ended: nobody waits any longer. Rooms are remembered. */
  end(reason: string | null): void {
    const lost = new ConnectionLost(reason, false);
    for (const membership of this.#rooms.values()) release(membership, lost);
  }

  hear(socket: Socket, event: Told): void {
    if (event.type === "viewers") return this.#count(socket, event);
    this.#tellAll(this.#feed.hear(event));
    this.#seek(GAP_MS);
  }

  #count(socket: Socket, event: Told): void {
    const viewers = event.data as unknown as Viewers;
    const key = keyOf(event.data);
    if (socket !== this.#current || !this.#rooms.has(key)) return;
    this.#tell(event.type, viewers);
    this.#feed.mention(key, viewers.sequence);
    this.#seek(MENTION_MS);
  }

  /** Ask again, soon, the rooms of which something is missing. */
  #seek(delayMs: number): void {
    for (const key of this.#feed.behind()) this.#askLater(key, delayMs);
  }

  #askLater(key: string, delayMs: number, isSure?: boolean): void {
    const membership = this.#rooms.get(key);
    if (!membership || membership.gapTimer.isSet) return;
    membership.gapTimer.start(delayMs + this.#platform.random() * GAP_JITTER_MS, () => {
      if (isSure || this.#feed.behind().has(key)) this.#askAgain(key);
    });
  }

  #askAgain(key: string): void {
    const socket = this.#current;
    if (!socket) return; // the next one will join
    if (this.#stays.get(socket)!.asked.has(key)) this.#askLater(key, GAP_MS);
    else void this.#join(socket, key);
  }

  async #join(socket: Socket, key: string, from?: number): Promise<void> {
    const stay = this.#stays.get(socket);
    const membership = this.#rooms.get(key);
    if (!stay || !membership) return;
    const asked = this.#feed.ask(key);
    stay.asked.set(key, asked);
    const hold = new Timer(this.#platform);
    hold.start(HOLD_MS, () => this.#giveUp(asked));
    const frame = { type: "subscribe", ...roomFields(membership.room), since: from ?? asked.since };
    try {
      const { data } = await this.#commands.ask(frame, { socket });
      this.#settle(socket, asked, data as Subscribed);
    } catch (fault) {
      this.#giveUp(asked);
      this.#fail(socket, key, fault as Error);
    } finally {
      hold.stop();
      if (stay.asked.get(key) === asked) stay.asked.delete(key);
    }
  }

  #giveUp(asked: Asked): void {
    this.#tellAll(this.#feed.giveUp(asked));
  }

  #settle(socket: Socket, asked: Asked, answer: Subscribed): void {
    const membership = this.#rooms.get(asked.key);
    const stay = this.#stays.get(socket);
    if (!membership || !stay) return;
    const isFirst = !stay.answered.has(asked.key);
    stay.answered.add(asked.key);
    const { before, after, isOutdated, isInTime } = this.#feed.settle(asked, answer, isFirst);
    this.#tellAll(before);
    if (isOutdated) this.#askLater(asked.key, GAP_MS, true);
    else this.#tell("snapshot", snapshotOf(membership.room, answer, isFirst, isInTime));
    this.#tellAll(after);
    release(membership, answer);
  }

  #fail(socket: Socket, key: string, fault: Error): void {
    if (fault instanceof ConnectionLost) return; // the next socket joins again
    const isRefused = fault instanceof CommandRefused && !PASSING.test(fault.code);
    const membership = this.#rooms.get(key);
    const wasAsked = membership?.waiters.size;
    if (!isRefused || (fault.code === "room_full" && !wasAsked)) {
      const { retryAfterMs = null } = fault as Partial<CommandRefused>;
      this.#platform.setTimeout(() => void this.#join(socket, key), retryAfterMs ?? REJOIN_MS);
      return;
    }
    const { code, message, data } = fault;
    if (!wasAsked) this.#tell("error", { type: "error", code, message, data } satisfies ErrorFrame);
    this.#forget(key, fault);
  }

  #forget(key: string, fault: Error): void {
    const membership = this.#rooms.get(key);
    this.#rooms.delete(key);
    this.#feed.leave(key);
    if (!membership) return;
    membership.gapTimer.stop();
    release(membership, fault);
  }

  #tellAll(events: Told[]): void {
    for (const { type, data } of events) this.#tell(type, data);
  }
}

function snapshotOf(
  room: Room,
  { snapshot, viewers, recovered, role, is_participant }: Answer,
  established: boolean,
  isInTime: boolean,
): Snapshot {
  recovered &&= isInTime;
  return { room, snapshot, viewers, recovered, established, role, is_participant };
}

function release({ waiters }: Membership, answer: Subscribed | Error): void {
  for (const waiter of waiters) waiter(answer);
}
