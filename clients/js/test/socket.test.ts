import assert from "node:assert/strict";
import { test } from "node:test";
import { official } from "#official";

import { Listeners } from "../src/listeners.ts";
import { refreshDelayMs } from "../src/token-refresh.ts";
import { START_MS, FakePlatform, goodbye, matchSnapshot, settled } from "./fake-platform.ts";

test("a ping is answered", async () => {
  const platform = new FakePlatform();
  await platform.live();
  platform.socket.deliver({ type: "ping", timestamp: 1 });
  assert.deepEqual(platform.socket.sent, [{ type: "pong" }]);
});

test("after a silent interval it pings, and without an answer the socket is dead", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  await platform.advance(24_999);
  assert.equal(platform.socket.sent.length, 0);
  await platform.advance(1);
  assert.deepEqual(platform.socket.sentOf("ping"), [{ type: "ping", timestamp: START_MS + 25_000 }]);
  await platform.advance(24_999);
  assert.equal(recorder.connection.status.phase, "live");
  await platform.advance(1);
  assert.equal(recorder.statuses.at(-1), "waiting: silence");
  assert.ok(platform.socket.isClosed);
});

test("every message is a sign of life, one that cannot be parsed too", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  for (const data of ["{", "null", "7", "[]", '"x"', '{"type":5}', new ArrayBuffer(1)]) {
    await platform.advance(24_000);
    platform.socket.onmessage!({ data });
    assert.equal(recorder.connection.status.isStale, false);
  }
  assert.equal(platform.socket.sent.length, 0);
  assert.deepEqual(recorder.statuses, ["live"]);
});

test("a wake-up probes at once, and allows five seconds for the answer", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  platform.wake();
  platform.wake();
  assert.equal(platform.socket.sentOf("ping").length, 1);
  await platform.advance(4_999);
  assert.equal(recorder.connection.status.phase, "live");
  await platform.advance(1);
  assert.equal(recorder.connection.status.phase, "waiting");
});

test("after a silence longer than the server's the status is stale, until the next message", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const stale: boolean[] = [];
  connection.on("status", ({ isStale }) => stale.push(isStale));
  await platform.advance(37_499);
  assert.equal(connection.status.isStale, false);
  await platform.advance(1);
  assert.deepEqual(connection.status, {
    phase: "live", reason: null, retryAtMs: null, isStale: true, lastMessageAtMs: START_MS,
  });
  platform.socket.deliver({ type: "pong" });
  assert.deepEqual(stale, [true, false]);
});

test("a clock that is set back hides neither a silence nor the end of a wait", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  platform.clockShiftMs = -3_600_000;
  await platform.advance(37_500);
  assert.equal(recorder.connection.status.isStale, true);
  await platform.advance(12_500);
  assert.equal(recorder.statuses.at(-1), "waiting: silence");
  platform.clockShiftMs = -7_200_000;
  await platform.advance(500);
  assert.equal(platform.sockets.length, 2);
});

test("a clock that is set does not end a command early, nor change its revision", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  platform.clockShiftMs = 3_600_000;
  const reporting = official(connection).reportScore("m1", [1, 0]);
  await platform.advance(10_000);
  const [first, second] = platform.socket.sentOf("score_update");
  assert.equal(first!.client_revision, START_MS);
  assert.deepEqual(second, first);
  platform.socket.answer("score_update", { match_id: "m1", revision: 1 });
  await reporting;
});

test("a wake-up with an answer changes nothing", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  platform.wake();
  platform.socket.deliver({ type: "pong" });
  await platform.advance(20_000);
  assert.deepEqual(recorder.statuses, ["live"]);
});

test("a tab suspended for an hour probes before it gives up", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  platform.suspend(3_600_000);
  await platform.advance(0);
  assert.equal(platform.socket.sentOf("ping").length, 1);
  platform.socket.deliver({ type: "pong" });
  await platform.advance(20_000);
  assert.deepEqual(recorder.statuses, ["live", "live: stale", "live"]);
});

test("hidden and offline it waits for either to end, and does not try", async () => {
  for (const change of [{ hidden: false }, { online: true }]) {
    const platform = new FakePlatform();
    const recorder = await platform.live();
    Object.assign(platform, { hidden: true, online: false });
    platform.socket.cut();
    await platform.advance(3_600_000);
    assert.equal(platform.sockets.length, 1);
    assert.deepEqual(recorder.statuses.slice(-1), ["waiting: offline"]);
    assert.equal(recorder.connection.status.retryAtMs, null);
    Object.assign(platform, change);
    platform.wake();
    await settled();
    assert.equal(platform.sockets.length, 2);
  }
});

test("a wake-up ends a delay, unless the server has named it", async () => {
  const platform = new FakePlatform();
  platform.jitter = () => 0.9;
  await platform.live();
  platform.socket.cut();
  platform.wake();
  await settled();
  assert.equal(platform.sockets.length, 2);
});

test("a listener that throws is reported, and the others are still called", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const received: number[] = [];
  connection.on("score_updated", () => { throw new Error("mine"); });
  const stop = connection.on("score_updated", ({ sequence }) => received.push(sequence));
  platform.socket.event("score_updated", 5);
  stop();
  platform.socket.event("score_updated", 6);
  assert.deepEqual(received, [5]);
  assert.deepEqual(platform.reported.map(String), ["Error: mine", "Error: mine"]);
});

test("a listener may remove itself, and close the connection", async () => {
  const listeners = new Listeners<{ a: number }>(new FakePlatform());
  const received: number[] = [];
  const stop = listeners.on("a", (sequence) => { received.push(sequence); stop(); });
  listeners.on("a", (sequence) => received.push(-sequence));
  listeners.emit("a", 1);
  listeners.emit("a", 2);
  assert.deepEqual(received, [1, -1, -2]);

  const platform = new FakePlatform();
  const { connection } = await platform.live();
  connection.on("score_updated", () => connection.close());
  platform.socket.event("score_updated", 5);
  await platform.advance(60_000);
  assert.equal(connection.status.phase, "closed");
  assert.equal(platform.sockets.length, 1);
});

test("a token is refreshed about a minute before it expires, but not in the first half of its life", () => {
  assert.equal(refreshDelayMs(3_600_000, 0), 3_540_000);
  assert.equal(refreshDelayMs(3_600_000, 1), 3_510_000);
  assert.equal(refreshDelayMs(60_000, 0.5), 30_000);
  assert.equal(refreshDelayMs(-5, 0), 5_000);
});

const HOUR_MS = 3_600_000;

/** Live with a token that ends in an hour by the server's clock, which is a day ahead. */
async function withToken(platform: FakePlatform, token: () => string) {
  const connection = platform.connect({ match: "m1", token, lifetimeMs: 24 * HOUR_MS });
  await settled();
  const server_time = START_MS + 24 * HOUR_MS;
  platform.socket.welcome(matchSnapshot("m1", 4), { server_time, expires_at: server_time + HOUR_MS });
  platform.socket.onSent = ({ type }) => type === "ping" && platform.socket.deliver({ type: "pong" });
  return { connection, server_time };
}

test("a newer token is sent before the old one expires, and again before that one does", async () => {
  const platform = new FakePlatform();
  let tokens = 0;
  const { server_time } = await withToken(platform, () => `T${(tokens += 1)}`);
  await platform.advance(HOUR_MS - 60_001);
  assert.equal(platform.socket.sentOf("refresh").length, 0);
  await platform.advance(1);
  assert.deepEqual(platform.socket.sentOf("refresh").map(({ token }) => token), ["T2"]);
  platform.socket.answer("refresh", { expires_at: server_time + 2 * HOUR_MS });
  await platform.advance(HOUR_MS - 1);
  assert.equal(platform.socket.sentOf("refresh").length, 1);
  await platform.advance(1);
  assert.deepEqual(platform.socket.sentOf("refresh").map(({ token }) => token), ["T2", "T3"]);
  assert.equal(platform.sockets.length, 1);
});

test("the same token is not sent again, a newer one as soon as there is one", async () => {
  const platform = new FakePlatform();
  let token = "A";
  await withToken(platform, () => token);
  await platform.advance(HOUR_MS - 10_000);
  assert.equal(platform.socket.sentOf("refresh").length, 0);
  token = "B";
  await platform.advance(10_000);
  assert.deepEqual(platform.socket.sentOf("refresh").map((message) => message.token), ["B"]);
});

test("an expired token is refreshed at once, and the score is repeated", async () => {
  const platform = new FakePlatform();
  let token = "A";
  const { connection, server_time } = await withToken(platform, () => token);
  token = "B";
  const reporting = official(connection).reportScore("m1", [1, 0]);
  platform.socket.refuse("score_update", "token_expired");
  await settled();
  assert.deepEqual(platform.socket.sentOf("refresh").map((message) => message.token), ["B"]);
  platform.socket.answer("refresh", { expires_at: server_time + HOUR_MS });
  await settled();
  assert.equal(platform.socket.sentOf("score_update").length, 2);
  platform.socket.answer("score_update", { match_id: "m1", revision: 1 });
  await reporting;
});

test("before the lifetime ends a second socket joins, then the first is closed", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1", lifetimeMs: 20_000 }, 4);
  const first = platform.socket;
  await platform.advance(20_000);
  const second = platform.socket;
  assert.equal(platform.sockets.length, 2);
  second.welcome();
  await settled();
  assert.ok(!first.isClosed);
  first.event("score_updated", 5);
  second.event("score_updated", 5);
  second.event("score_updated", 6);
  second.subscribed(matchSnapshot("m1", 5), { recovered: true });
  await settled();
  assert.ok(first.isClosed);
  second.event("score_updated", 6);
  second.event("score_updated", 7);
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4", "score_updated 5", "snapshot 5", "score_updated 6", "score_updated 7"]);
  assert.deepEqual(recorder.statuses, ["live"]);
});

test("the first socket stays open for pending responses", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live({ lifetimeMs: 20_000 });
  const first = platform.socket;
  await platform.advance(19_000);
  const starting = official(connection).start("m1");
  await platform.advance(1_000);
  platform.socket.welcome();
  await settled();
  assert.ok(!first.isClosed);
  first.answer("match_start", { match_id: "m1", revision: 0 });
  await starting;
  await platform.advance(10_000);
  assert.ok(first.isClosed);
});

test("a second socket that fails is tried again, and the first stays live", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ lifetimeMs: 20_000 });
  platform.onSocket = (socket) => queueMicrotask(() => socket.cut());
  await platform.advance(24_000);
  assert.ok(platform.sockets.length > 2);
  assert.ok(!platform.sockets[0]!.isClosed);
  assert.deepEqual(recorder.statuses, ["live"]);
});

test("the second socket takes over at once when the first closes", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1", lifetimeMs: 20_000 }, 4);
  await platform.advance(20_000);
  platform.socket.welcome();
  await settled();
  platform.sockets[0]!.cut();
  assert.equal(recorder.connection.status.phase, "live");
  platform.socket.subscribed(matchSnapshot("m1", 4), { recovered: true });
  await settled();
  platform.socket.event("score_updated", 5);
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4", "snapshot 4", "score_updated 5"]);
  await platform.advance(20_000);
  assert.equal(platform.sockets.length, 3);
});

test("a goodbye for the age opens the next socket while the old one still works", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  const [first] = platform.sockets;
  first!.deliver(goodbye(4012, "max_duration", true, 700));
  assert.ok(!first!.isClosed);
  assert.equal(recorder.connection.status.phase, "live");
  first!.event("score_updated", 5);
  await platform.advance(700);
  assert.equal(platform.sockets.length, 2);
  platform.socket.welcome();
  await settled();
  platform.socket.subscribed(matchSnapshot("m1", 5));
  await settled();
  assert.ok(first!.isClosed);
  assert.deepEqual(recorder.statuses, ["live"]);
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4", "score_updated 5", "snapshot 5"]);
});

test("a goodbye for the age whose socket closes at once reconnects after its delay", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  platform.socket.deliver(goodbye(4012, "server_drain", true, 700));
  platform.socket.cut();
  assert.equal(recorder.statuses.at(-1), "waiting: server_drain");
  assert.equal(recorder.connection.status.retryAtMs, START_MS + 700);
  await platform.advance(700);
  assert.equal(platform.sockets.length, 2);
});

test("while two sockets are open, a viewer count is emitted once", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1", lifetimeMs: 20_000 }, 4);
  await platform.advance(20_000);
  platform.socket.welcome();
  await settled();
  const data = { room: "match", match_id: "m1", tournament_id: null, count: 9, sequence: 4 };
  for (const socket of platform.sockets) socket.deliver({ type: "viewers", data });
  assert.deepEqual(recorder.viewers, [9]);
});

test("a repeated welcome is emitted once", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  platform.socket.welcome(matchSnapshot("m1", 4));
  await settled();
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4"]);
  assert.deepEqual(platform.socket.sent, []);
});

test("an accepted token is not sent a second time", async () => {
  const platform = new FakePlatform();
  let token = "A";
  const { server_time } = await withToken(platform, () => token);
  token = "B";
  await platform.advance(HOUR_MS - 60_000);
  platform.socket.answer("refresh", { expires_at: server_time + HOUR_MS });
  await platform.advance(50_000);
  assert.equal(platform.socket.sentOf("refresh").length, 1);
});

test("a goodbye for the old token does not reject the new one", async () => {
  const platform = new FakePlatform();
  let token = "old";
  const { connection } = await platform.live({ match: "m1", token: () => token, lifetimeMs: 20_000 });
  token = "new";
  const [first] = platform.sockets;
  await platform.advance(20_000);
  first!.deliver(goodbye(4001, "token_expired", false));
  platform.socket.welcome();
  await settled();
  platform.socket.cut();
  await platform.advance(1000);
  assert.equal(connection.status.phase, "connecting");
  assert.equal(platform.socket.url.searchParams.get("token"), "new");
});
