/** Random servers and networks: whatever they do, the client ends in the server's state. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePlatform, subscribedData } from "./fake-platform.ts";
import type { FakeSocket } from "./fake-platform.ts";
import type { Message } from "../src/protocol.ts";

const RUNS = 60;
const STEPS = 120;
const MATCHES = ["m1", "m2", "m3"];

/** mulberry32 */
function seededRandom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Match {
  score: number;
  sequence: number;
  /** The decisive events by sequence. */
  decisive: Map<number, object>;
}

/** Has the true state, and sends it over a network that loses, repeats, delays and cuts. */
class Server {
  readonly matches = new Map<string, Match>();
  isGood = false;
  /** Answers may be late, but are not lost. */
  isReliable = false;
  readonly #random: () => number;
  readonly #platform: FakePlatform;
  readonly #rooms = new Map<FakeSocket, Set<string>>();

  constructor(platform: FakePlatform, random: () => number) {
    this.#platform = platform;
    this.#random = random;
    for (const id of MATCHES) this.matches.set(id, { score: 0, sequence: 0, decisive: new Map() });
    platform.onSocket = (socket) => this.#accept(socket);
  }

  step(): void {
    const chance = this.#random();
    if (chance < 0.6) this.#play(MATCHES[Math.floor(this.#random() * MATCHES.length)]!);
    else if (chance < 0.65) this.#openSocket()?.cut();
    else if (chance < 0.68) this.#openSocket()?.deliver({ type: "goodbye", code: 4012, reason: "max_duration", reconnect: true, retry_after_ms: 50 });
    else if (chance < 0.7) this.#openSocket()?.onmessage?.({ data: "{" });
    else if (chance < 0.73) this.#platform.wake();
    else if (chance < 0.85) this.count();
  }

  count(): void {
    const { sequence } = this.matches.get("m1")!;
    this.#post({ type: "viewers", data: { room: "match", match_id: "m1", tournament_id: null, count: 1, sequence } }, "m:m1");
  }

  #openSocket(): FakeSocket | undefined {
    return this.#platform.sockets.findLast(({ isClosed, readyState }) => !isClosed && readyState === 1);
  }

  #play(id: string): void {
    const match = this.matches.get(id)!;
    match.sequence += 1;
    const data = { match_id: id, tournament_id: "t1", sequence: match.sequence };
    const isDecisive = this.#random() < 0.3;
    const score = (match.score += isDecisive ? 0 : 1);
    const event = isDecisive
      ? { type: "match_state_changed", data }
      : { type: "score_updated", data: { ...data, participant1_score: score } };
    if (isDecisive) match.decisive.set(match.sequence, event);
    this.#post(event, `m:${id}`);
  }

  #post(message: object, room: string): void {
    for (const [socket, rooms] of this.#rooms) {
      if (!rooms.has(room) && !rooms.has("t:t1")) continue;
      for (let copies = this.#isLucky(0.85) ? 1 : Math.floor(this.#random() * 3); copies > 0; copies -= 1) {
        this.#deliver(socket, message);
      }
    }
  }

  #isLucky(chance: number): boolean {
    return this.isGood || this.#random() < chance;
  }

  #deliver(socket: FakeSocket, message: object): void {
    const delayMs = this.#isLucky(0.5) ? 1 : this.#random() * 900;
    this.#platform.setTimeout(() => socket.isClosed || socket.readyState !== 1 || socket.deliver(message), delayMs);
  }

  #accept(socket: FakeSocket): void {
    if (!this.#isLucky(0.8)) return void this.#platform.setTimeout(() => socket.cut(), 5);
    const rooms = new Set<string>();
    this.#rooms.set(socket, rooms);
    socket.onSent = (message) => (this.isReliable || this.#isLucky(0.9)) && this.#platform.setTimeout(() => this.#answer(socket, message), this.#random() * 200);
    const id = socket.url.searchParams.get("match_id");
    if (id) rooms.add(`m:${id}`);
    const snapshot = id && this.#snapshot(id);
    this.#platform.setTimeout(() => socket.welcome(snapshot as object | null), 20 + this.#random() * 200);
  }

  #answer(socket: FakeSocket, message: Message): void {
    const { type, id, match_id, since } = message as { type: string; id?: string; match_id?: string; since?: number };
    if (type === "ping") return this.#deliver(socket, { type: "pong" });
    if (type !== "subscribe") return;
    this.#rooms.get(socket)!.add(match_id ? `m:${match_id}` : "t:t1");
    const recovery = match_id && since !== undefined ? this.#recovery(match_id, since) : {};
    const snapshot = match_id ? this.#snapshot(match_id) : this.#tournament();
    this.#deliver(socket, { type: "subscribed", id, data: { ...subscribedData(snapshot), ...recovery } });
  }

  #recovery(id: string, since: number): object {
    const { decisive } = this.matches.get(id)!;
    return { recovered: true, events: [...decisive].filter(([sequence]) => sequence > since).map(([, event]) => event) };
  }

  #snapshot(match_id: string): object {
    const { score, sequence } = this.matches.get(match_id)!;
    return { match_id, tournament_id: "t1", participant1_score: score, sequence };
  }

  #tournament(): object {
    return { tournament_id: "t1", sequence: 0, matches: MATCHES.map((id) => this.#snapshot(id)) };
  }
}

/** What a page would show: the newest score and sequence of each match, as event. */
class Page {
  readonly shown = new Map<string, { score: number; sequence: number }>();
  readonly decisive = new Set<number>();
  readonly disorder: string[] = [];
  firstSequence: number | undefined;

  event(id: string, sequence: number, score?: number): void {
    const before = this.shown.get(id);
    if (sequence <= (before?.sequence ?? 0)) this.disorder.push(`${id}: ${sequence} after ${before?.sequence}`);
    this.shown.set(id, { score: score ?? before?.score ?? 0, sequence });
  }

  snapshot({ match_id, participant1_score, sequence }: Record<string, never>): void {
    const before = this.shown.get(match_id!)?.sequence ?? 0;
    if (sequence! < before) this.disorder.push(`${match_id}: snapshot ${sequence} after ${before}`);
    this.shown.set(match_id!, { score: participant1_score!, sequence: sequence! });
  }
}

async function run(seed: number, options: object, isReliable = false): Promise<{ server: Server; page: Page; platform: FakePlatform }> {
  const platform = new FakePlatform();
  platform.jitter = seededRandom(seed);
  const server = new Server(platform, seededRandom(seed + 1_000_000));
  server.isReliable = isReliable;
  const page = new Page();
  const connection = platform.connect(options);
  connection.on("score_updated", (event) => page.event(event.match_id, event.sequence, event.participant1_score));
  connection.on("match_state_changed", (event) => {
    page.event(event.match_id, event.sequence);
    if (event.match_id === "m1") page.decisive.add(event.sequence);
  });
  connection.on("snapshot", ({ snapshot }) => {
    page.firstSequence ??= snapshot.sequence;
    for (const one of "matches" in snapshot ? snapshot.matches : [snapshot]) page.snapshot(one as never);
  });
  for (let step = 0; step < STEPS; step += 1) {
    server.step();
    await platform.advance(platform.jitter() * 700);
  }
  server.isGood = true;
  await platform.advance(60_000);
  server.count();
  await platform.advance(30_000);
  connection.close();
  await platform.advance(60_000);
  return { server, page, platform };
}

test("whatever the network does to a match's room, the client ends in the server's state, in order", async () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { server, page, platform } = await run(seed, { match: "m1", lifetimeMs: 15_000 });
    const { score, sequence } = server.matches.get("m1")!;
    assert.deepEqual(page.disorder, [], `seed ${seed}`);
    assert.deepEqual(page.shown.get("m1"), { score, sequence }, `seed ${seed}`);
    assert.equal(platform.timers, 0, `seed ${seed}: timers`);
  }
});

test("no decisive event is missed as long as answers arrive", async () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { server, page } = await run(seed, { match: "m1", lifetimeMs: 15_000 }, true);
    const decisive = [...server.matches.get("m1")!.decisive.keys()];
    const due = decisive.filter((sequence) => sequence > page.firstSequence!);
    assert.deepEqual([...page.decisive].filter((sequence) => sequence > page.firstSequence!), due, `seed ${seed}`);
  }
});

test("every match of a tournament's room ends in the server's state", async () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { server, page } = await run(seed, { tournament: "t1", lifetimeMs: 15_000 });
    assert.deepEqual(page.disorder, [], `seed ${seed}`);
    for (const [id, { score, sequence }] of server.matches) {
      assert.deepEqual(page.shown.get(id), { score, sequence }, `seed ${seed}`);
    }
  }
});
