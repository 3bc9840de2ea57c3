/** A server and a network of chance: whatever they do, the client ends where the server is. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { World, entered } from "./world.ts";
import type { FakeSocket } from "./world.ts";
import type { Frame } from "../src/protocol.ts";

const RUNS = 60;
const STEPS = 120;
const MATCHES = ["m1", "m2", "m3"];

/** mulberry32 */
function lots(seed: number): () => number {
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
  /** By number: the decisive ones are kept. */
  decisive: Map<number, object>;
}

/** Knows the truth, and tells it over a network that loses, doubles, delays and cuts. */
class Server {
  readonly matches = new Map<string, Match>();
  isGood = false;
  /** No answer is lost, though it may be late. */
  isReliable = false;
  readonly #lot: () => number;
  readonly #world: World;
  readonly #rooms = new Map<FakeSocket, Set<string>>();

  constructor(world: World, lot: () => number) {
    this.#world = world;
    this.#lot = lot;
    for (const id of MATCHES) this.matches.set(id, { score: 0, sequence: 0, decisive: new Map() });
    world.onSocket = (socket) => this.#accept(socket);
  }

  step(): void {
    const lot = this.#lot();
    if (lot < 0.6) this.#happen(MATCHES[Math.floor(this.#lot() * MATCHES.length)]!);
    else if (lot < 0.65) this.#some()?.cut();
    else if (lot < 0.68) this.#some()?.say({ type: "goodbye", code: 4012, reason: "max_duration", reconnect: true, retry_after_ms: 50 });
    else if (lot < 0.7) this.#some()?.onmessage?.({ data: "{" });
    else if (lot < 0.73) this.#world.wake();
    else if (lot < 0.85) this.count();
  }

  count(): void {
    const { sequence } = this.matches.get("m1")!;
    this.#post({ type: "viewers", data: { room: "match", match_id: "m1", tournament_id: null, count: 1, sequence } }, "m:m1");
  }

  #some(): FakeSocket | undefined {
    return this.#world.sockets.findLast(({ isClosed, readyState }) => !isClosed && readyState === 1);
  }

  #happen(id: string): void {
    const match = this.matches.get(id)!;
    match.sequence += 1;
    const data = { match_id: id, tournament_id: "t1", sequence: match.sequence };
    const isDecisive = this.#lot() < 0.3;
    const score = (match.score += isDecisive ? 0 : 1);
    const event = isDecisive
      ? { type: "match_state_changed", data }
      : { type: "score_updated", data: { ...data, participant1_score: score } };
    if (isDecisive) match.decisive.set(match.sequence, event);
    this.#post(event, `m:${id}`);
  }

  #post(frame: object, room: string): void {
    for (const [socket, rooms] of this.#rooms) {
      if (!rooms.has(room) && !rooms.has("t:t1")) continue;
      for (let copies = this.#isGoodLuck(0.85) ? 1 : Math.floor(this.#lot() * 3); copies > 0; copies -= 1) {
        this.#deliver(socket, frame);
      }
    }
  }

  #isGoodLuck(chance: number): boolean {
    return this.isGood || this.#lot() < chance;
  }

  #deliver(socket: FakeSocket, frame: object): void {
    const delayMs = this.#isGoodLuck(0.5) ? 1 : this.#lot() * 900;
    this.#world.setTimeout(() => socket.isClosed || socket.readyState !== 1 || socket.say(frame), delayMs);
  }

  #accept(socket: FakeSocket): void {
    if (!this.#isGoodLuck(0.8)) return void this.#world.setTimeout(() => socket.cut(), 5);
    const rooms = new Set<string>();
    this.#rooms.set(socket, rooms);
    socket.onSent = (frame) => (this.isReliable || this.#isGoodLuck(0.9)) && this.#world.setTimeout(() => this.#answer(socket, frame), this.#lot() * 200);
    const id = socket.url.searchParams.get("match_id");
    if (id) rooms.add(`m:${id}`);
    const snapshot = id && this.#snapshot(id);
    this.#world.setTimeout(() => socket.welcome(snapshot as object | null), 20 + this.#lot() * 200);
  }

  #answer(socket: FakeSocket, frame: Frame): void {
    const { type, id, match_id, since } = frame as { type: string; id?: string; match_id?: string; since?: number };
    if (type === "ping") return this.#deliver(socket, { type: "pong" });
    if (type !== "subscribe") return;
    this.#rooms.get(socket)!.add(match_id ? `m:${match_id}` : "t:t1");
    const recovery = match_id && since !== undefined ? this.#recovery(match_id, since) : {};
    const snapshot = match_id ? this.#snapshot(match_id) : this.#tournament();
    this.#deliver(socket, { type: "subscribed", id, data: { ...entered(snapshot), ...recovery } });
  }

  #recovery(id: string, since: number): object {
    const { decisive } = this.matches.get(id)!;
    return { recovered: true, events: [...decisive].filter(([number]) => number > since).map(([, event]) => event) };
  }

  #snapshot(match_id: string): object {
    const { score, sequence } = this.matches.get(match_id)!;
    return { match_id, tournament_id: "t1", participant1_score: score, sequence };
  }

  #tournament(): object {
    return { tournament_id: "t1", sequence: 0, matches: MATCHES.map((id) => this.#snapshot(id)) };
  }
}

/** What a page would show: the newest score and number of each match, as told. */
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

async function run(seed: number, options: object, isReliable = false): Promise<{ server: Server; page: Page; world: World }> {
  const world = new World();
  world.lot = lots(seed);
  const server = new Server(world, lots(seed + 1_000_000));
  server.isReliable = isReliable;
  const page = new Page();
  const connection = world.connect(options);
  connection.on("score_updated", (told) => page.event(told.match_id, told.sequence, told.participant1_score));
  connection.on("match_state_changed", (told) => {
    page.event(told.match_id, told.sequence);
    if (told.match_id === "m1") page.decisive.add(told.sequence);
  });
  connection.on("snapshot", ({ snapshot }) => {
    page.firstSequence ??= snapshot.sequence;
    for (const one of "matches" in snapshot ? snapshot.matches : [snapshot]) page.snapshot(one as never);
  });
  for (let step = 0; step < STEPS; step += 1) {
    server.step();
    await world.pass(world.lot() * 700);
  }
  server.isGood = true;
  await world.pass(60_000);
  server.count();
  await world.pass(30_000);
  connection.close();
  await world.pass(60_000);
  return { server, page, world };
}

test("whatever the network does to a match's room, the page ends where the server is, in order", async () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { server, page, world } = await run(seed, { match: "m1", lifetimeMs: 15_000 });
    const { score, sequence } = server.matches.get("m1")!;
    assert.deepEqual(page.disorder, [], `seed ${seed}`);
    assert.deepEqual(page.shown.get("m1"), { score, sequence }, `seed ${seed}`);
    assert.equal(world.timers, 0, `seed ${seed}: timers`);
  }
});

test("no decisive event is missed, where answers come", async () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { server, page } = await run(seed, { match: "m1", lifetimeMs: 15_000 }, true);
    const decisive = [...server.matches.get("m1")!.decisive.keys()];
    const due = decisive.filter((number) => number > page.firstSequence!);
    assert.deepEqual([...page.decisive].filter((number) => number > page.firstSequence!), due, `seed ${seed}`);
  }
});

test("the same holds for every match of a tournament's room", async () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { server, page } = await run(seed, { tournament: "t1", lifetimeMs: 15_000 });
    assert.deepEqual(page.disorder, [], `seed ${seed}`);
    for (const [id, { score, sequence }] of server.matches) {
      assert.deepEqual(page.shown.get(id), { score, sequence }, `seed ${seed}`);
    }
  }
});
