/** A platform for tests: a clock that is moved by hand, and sockets whose server is the test. */

import { connect } from "#client"; // the source, or the bundle
import type { Connection, Options, Platform, RawSocket } from "#client";
import type { Message } from "../src/protocol.ts";

export const START_MS = 1_795_360_000_000;

interface Timer {
  atMs: number;
  callback: () => void;
}

export class FakePlatform implements Platform {
  /** The monotonic clock. */
  elapsedMs = 0;
  /** What the device's clock has been set by. */
  clockShiftMs = 0;
  /** What `random` returns. */
  jitter: () => number = () => 0;
  sockets: FakeSocket[] = [];
  hidden = false;
  online = true;
  reported: unknown[] = [];
  requests: { url: string; authorization: string }[] = [];
  answer: (url: string) => Response | Promise<Response> = () => new Response("{}");
  onSocket: (socket: FakeSocket) => void = () => {};
  #timers = new Set<Timer>();
  #wakers = new Set<() => void>();

  monotonicMs = (): number => this.elapsedMs;
  now = (): number => this.nowMs;
  random = (): number => this.jitter();
  report = (fault: unknown): void => void this.reported.push(fault);
  isAsleep = (): boolean => this.hidden && !this.online;
  clearTimeout = (timer: unknown): void => void this.#timers.delete(timer as Timer);

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = { atMs: this.elapsedMs + delayMs, callback };
    this.#timers.add(timer);
    return timer;
  }

  openSocket(url: string): RawSocket {
    const socket = new FakeSocket(url, this.nowMs);
    this.sockets.push(socket);
    this.onSocket(socket);
    return socket;
  }

  async fetch(url: string, init: RequestInit): Promise<Response> {
    this.requests.push({ url, authorization: new Headers(init.headers).get("authorization") ?? "" });
    return this.answer(url);
  }

  onWake(listener: () => void): () => void {
    this.#wakers.add(listener);
    return () => void this.#wakers.delete(listener);
  }

  wake(): void {
    for (const waker of [...this.#wakers]) waker();
  }

  get nowMs(): number {
    return START_MS + this.elapsedMs + this.clockShiftMs;
  }

  get timers(): number {
    return this.#timers.size;
  }

  get hasListeners(): boolean {
    return this.#wakers.size > 0;
  }

  /** Move the clock; timers run when they are due, promises in between. */
  async advance(ms: number): Promise<void> {
    const endMs = this.elapsedMs + ms;
    await settled();
    for (;;) {
      const next = [...this.#timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.elapsedMs = Math.max(this.elapsedMs, next.atMs);
      next.callback();
      await settled();
    }
    this.elapsedMs = endMs;
  }

  /** Move the clock without running timers, as in a suspended tab; due ones run late. */
  suspend(ms: number): void {
    this.elapsedMs += ms;
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  connect(options: Partial<Options> = {}): Connection {
    return connect({ url: "wss://host/live", platform: this, ...options });
  }

  /** A live connection in a match's room, with a snapshot of this sequence. */
  async live(options: Partial<Options> = { match: "m1" }, sequence = 4): Promise<Recorder> {
    const recorder = new Recorder(this.connect(options));
    await settled();
    const match = options.match ? matchSnapshot(options.match, sequence) : null;
    this.socket.welcome(match ?? (options.tournament ? tournamentSnapshot(sequence) : null));
    await settled();
    return recorder;
  }
}

/** Run the callbacks of all promises that are settled. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await null;
}

export class FakeSocket implements RawSocket {
  readyState = 1;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly url: URL;
  readonly openedAtMs: number;
  sent: Message[] = [];
  isClosed = false;
  onSent: (message: Message) => void = () => {};

  constructor(url: string, openedAtMs: number) {
    this.url = new URL(url);
    this.openedAtMs = openedAtMs;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
    this.onSent(JSON.parse(text));
  }

  close(): void {
    this.isClosed = true;
    this.readyState = 3;
  }

  deliver(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  event(type: string, sequence: number, data: object = {}): void {
    this.deliver(eventMessage(type, sequence, data));
  }

  /** The server or the network ends it. */
  cut(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  welcome(snapshot: object | null = null, data: object = {}): void {
    this.deliver({
      type: "connection_established",
      data: {
        connection_id: "c", user_id: "u1", username: "Ann", heartbeat_interval: 25, heartbeat_timeout: 50,
        protocol: 1, server_time: START_MS, expires_at: null, match_id: null, tournament_id: "t1",
        role: "spectator", is_participant: false, snapshot, sequence: 0, viewers: 7, ...data,
      },
    });
  }

  sentOf(type: string): Message[] {
    return this.sent.filter((message) => message.type === type);
  }

  /** Answer the latest message of this type. */
  answer(type: string, data: object): void {
    const names: Record<string, string> = { subscribe: "subscribed", unsubscribe: "unsubscribed", refresh: "refreshed" };
    this.deliver({ type: names[type] ?? "accepted", id: this.sentOf(type).at(-1)!.id, data });
  }

  refuse(type: string, code: string, more: object = {}): void {
    this.deliver({ type: "error", id: this.sentOf(type).at(-1)!.id, code, message: "No.", ...more });
  }

  subscribed(snapshot: object, more: object = {}): void {
    this.answer("subscribe", { ...subscribedData(snapshot), ...more });
  }
}

export function subscribedData(snapshot: object): object {
  return { tournament_id: "t1", role: "spectator", is_participant: false, snapshot, viewers: 7, recovered: false, events: [] };
}

export function eventMessage(type: string, sequence: number, data: object = {}): { type: string; data: object } {
  return { type, data: { match_id: "m1", tournament_id: "t1", sequence, ...data } };
}

export function matchSnapshot(match_id: string, sequence: number): object {
  return { match_id, tournament_id: "t1", sequence, state: "live", participant1_score: sequence };
}

export function tournamentSnapshot(sequence: number, matches: Record<string, number> = {}): object {
  const standings = Object.entries(matches).map(([match_id, sequence]) => ({ match_id, sequence }));
  return { tournament_id: "t1", name: "Cup", state: "open", sequence, matches: standings, complete: true };
}

const NAMES = [
  "score_updated", "match_started", "match_state_changed", "match_completed", "result_amended", "match_reopened",
  "dispute_created", "dispute_resolved", "bracket_generated", "bracket_updated", "tournament_completed",
] as const;

/** A connection and what it has emitted, in short: "score_updated 5", "snapshot 6". */
export class Recorder {
  readonly connection: Connection;
  events: string[] = [];
  statuses: string[] = [];
  snapshots: { established: boolean; recovered: boolean; room: object }[] = [];
  errors: string[] = [];
  goodbyes: number[] = [];
  viewers: number[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
    for (const name of NAMES) {
      connection.on(name, ({ sequence, match_id }) => {
        const whose = match_id && match_id !== "m1" ? ` of ${match_id}` : "";
        this.events.push(`${name} ${sequence}${whose}`);
      });
    }
    connection.on("snapshot", (event) => {
      this.events.push(`snapshot ${event.snapshot.sequence}`);
      this.snapshots.push(event);
    });
    connection.on("status", ({ phase, reason, isStale }) => {
      const more = reason ?? (isStale && "stale");
      this.statuses.push(more ? `${phase}: ${more}` : phase);
    });
    connection.on("error", ({ code }) => this.errors.push(code));
    connection.on("goodbye", ({ code }) => this.goodbyes.push(code));
    connection.on("viewers", ({ count }) => this.viewers.push(count));
  }

  /** The events since the last call. */
  takeEvents(): string[] {
    return this.events.splice(0);
  }
}

export function goodbye(code: number, reason: string, reconnect: boolean, retry_after_ms?: number): object {
  return { type: "goodbye", code, reason, reconnect, ...(retry_after_ms === undefined ? {} : { retry_after_ms }) };
}
