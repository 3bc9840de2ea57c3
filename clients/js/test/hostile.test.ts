/** Messages of any shape, and ids of any name, break nothing. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { matchStore, tournamentStore } from "#store";

import { FakePlatform, eventMessage, matchSnapshot, settled, subscribedData } from "./fake-platform.ts";
import type { FakeSocket } from "./fake-platform.ts";

const RUNS = 300;
const TYPES = [
  "connection_established", "subscribed", "unsubscribed", "accepted", "refreshed", "error", "goodbye", "ping", "pong",
  "viewers", "score_updated", "match_started", "bracket_updated", "tournament_completed", "constructor", "__proto__",
];
const FIELDS = [
  "type", "id", "data", "code", "reason", "reconnect", "retry_after_ms", "message", "match_id", "tournament_id", "sequence",
  "snapshot", "matches", "events", "viewers", "count", "recovered", "expires_at", "server_time", "heartbeat_interval",
  "heartbeat_timeout", "participant1_score", "details", "toString", "__proto__", "constructor",
];
const NAMES = Object.getOwnPropertyNames(Object.prototype);

function seededRandom(seed: number): () => number {
  return () => ((seed = (seed * 48271) % 2147483647) / 2147483647);
}

/** Any JSON value, made of the protocol's own names more often than not. */
function randomJson(random: () => number, depth = 0): unknown {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const kind = random();
  if (depth < 4 && kind < 0.4) {
    const fields = Array.from({ length: Math.floor(random() * 6) }, () => [pick(FIELDS), randomJson(random, depth + 1)]);
    return Object.fromEntries(fields);
  }
  if (depth < 4 && kind < 0.5) return Array.from({ length: Math.floor(random() * 4) }, () => randomJson(random, depth + 1));
  return pick([null, true, false, 0, -1, 1, 5, 9, 1e300, 0.5, "", "1", "m1", "t1", ...TYPES, ...NAMES]);
}

function randomMessage(random: () => number): unknown {
  const message = randomJson(random);
  if (random() < 0.2 || typeof message !== "object" || message === null) return message;
  const type = TYPES[Math.floor(random() * TYPES.length)];
  return { ...message, type, data: randomJson(random) };
}

async function isWorking(platform: FakePlatform, socket: FakeSocket, recorder: { takeEvents(): string[] }): Promise<boolean> {
  recorder.takeEvents();
  for (const sequence of [1_000_001, 1_000_002]) socket.deliver(eventMessage("score_updated", sequence));
  await platform.advance(8_000);
  for (let answers = 0; answers < 3; answers += 1) {
    for (const { id } of socket.sentOf("subscribe").splice(-3)) {
      socket.deliver({ type: "subscribed", id, data: subscribedData(matchSnapshot("m1", 1_000_002)) });
    }
    await platform.advance(8_000);
  }
  return recorder.takeEvents().some((event) => event.endsWith("1000002"));
}

test("no message throws, floods the server, or stops the events that follow", async () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const random = seededRandom(seed);
    const platform = new FakePlatform();
    const recorder = await platform.live({ match: "m1", token: () => "JWT" });
    const [socket] = platform.sockets as [FakeSocket];
    const message = randomMessage(random);
    const text = JSON.stringify(message);
    socket.deliver(message);
    await settled();
    await platform.advance(1_000);
    assert.deepEqual(platform.reported, [], `seed ${seed}: ${text}`);
    assert.ok(socket.sent.length < 5, `seed ${seed}: ${text} sends ${socket.sent.length} messages`);
    if (!socket.isClosed) assert.ok(await isWorking(platform, socket, recorder), `seed ${seed}: ${text}`);
    recorder.connection.close();
  }
});

test("no answer throws or floods the server", async () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const random = seededRandom(seed);
    const platform = new FakePlatform();
    const connection = platform.connect({ match: "m1", token: () => `T${random()}` });
    await settled();
    const welcome = { heartbeat_interval: 25, heartbeat_timeout: 50, server_time: 1, expires_at: 100_000 };
    platform.socket.deliver({ type: "connection_established", data: { ...welcome, ...(random() < 0.5 && { snapshot: randomJson(random) }) } });
    await settled();
    platform.socket.onSent = ({ id }) => queueMicrotask(() => platform.socket.deliver({ type: "refreshed", id, data: randomJson(random) }));
    void connection.subscribe({ match: "m2" }).catch(() => null);
    await platform.advance(70_000);
    assert.deepEqual(platform.reported, [], `seed ${seed}`);
    const sent = platform.sockets.reduce((sum, socket) => sum + socket.sent.length, 0);
    assert.ok(sent < 200, `seed ${seed}: ${sent} messages`);
    connection.close();
  }
});

test("a match or tournament may have any name", async () => {
  for (const name of [...NAMES, "constructor", "prototype"]) {
    const platform = new FakePlatform();
    const recorder = await platform.live({ match: name }, 4);
    platform.socket.deliver({ type: "score_updated", data: { match_id: name, tournament_id: name, sequence: 5 } });
    assert.deepEqual(recorder.takeEvents(), ["snapshot 4", `score_updated 5 of ${name}`]);
    void recorder.connection.subscribe({ tournament: name });
    const snapshot = { tournament_id: name, sequence: 1, matches: [{ match_id: name, sequence: 6 }] };
    platform.socket.subscribed(snapshot);
    await settled();
    assert.deepEqual(recorder.takeEvents(), ["snapshot 1"]);
    assert.deepEqual(platform.reported, []);
  }
});

test("a listener is found by its own name only", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const received: unknown[] = [];
  for (const name of NAMES) connection.on(name as "viewers", (event) => received.push(event));
  platform.socket.event("score_updated", 5);
  assert.deepEqual(received, []);
});

test("a store takes messages of any shape", async () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const random = seededRandom(seed);
    const platform = new FakePlatform();
    const connection = platform.connect({ match: "m1" });
    await settled();
    platform.socket.welcome(matchSnapshot("m1", 4));
    await settled();
    const stores = [matchStore(connection, "m1"), tournamentStore(connection, "t1")];
    for (const store of stores) store.subscribe(() => JSON.stringify(store.state));
    for (let count = 0; count < 5; count += 1) platform.socket.deliver(randomMessage(random));
    for (const { id } of platform.socket.sentOf("subscribe")) {
      platform.socket.deliver({ type: "subscribed", id, data: { ...subscribedData(matchSnapshot("m1", 4)), snapshot: randomJson(random) } });
      await settled();
    }
    assert.deepEqual(platform.reported, [], `seed ${seed}`);
    connection.close();
  }
});
