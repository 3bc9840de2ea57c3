import assert from "node:assert/strict";
import { test } from "node:test";

import { Listeners } from "../src/listeners.ts";
import { renewalDelayMs } from "../src/renewal.ts";
import { START_MS, World, goodbye, matchSnapshot, settled } from "./world.ts";

test("a ping is answered", async () => {
  const world = new World();
  await world.live();
  world.socket.say({ type: "ping", timestamp: 1 });
  assert.deepEqual(world.socket.sent, [{ type: "pong" }]);
});

test("after a silent interval it pings, and without any answer the socket is dead", async () => {
  const world = new World();
  const watched = await world.live();
  await world.pass(24_999);
  assert.equal(world.socket.sent.length, 0);
  await world.pass(1);
  assert.deepEqual(world.socket.asked("ping"), [{ type: "ping", timestamp: START_MS + 25_000 }]);
  await world.pass(24_999);
  assert.equal(watched.connection.status.phase, "live");
  await world.pass(1);
  assert.equal(watched.statuses.at(-1), "waiting: silence");
  assert.ok(world.socket.isClosed);
});

test("any frame is life, one that cannot be read too", async () => {
  const world = new World();
  const watched = await world.live();
  for (const data of ["{", "null", "7", "[]", '"x"', '{"type":5}', new ArrayBuffer(1)]) {
    await world.pass(24_000);
    world.socket.onmessage!({ data });
    assert.equal(watched.connection.status.heardAtMs, world.nowMs);
  }
  assert.equal(world.socket.sent.length, 0);
  assert.deepEqual(watched.statuses, ["connecting", "live"]);
});

test("a wake asks at once, and gives the answer five seconds", async () => {
  const world = new World();
  const watched = await world.live();
  world.wake();
  world.wake();
  assert.equal(world.socket.asked("ping").length, 1);
  await world.pass(4_999);
  assert.equal(watched.connection.status.phase, "live");
  await world.pass(1);
  assert.equal(watched.connection.status.phase, "waiting");
});

test("a wake with an answer changes nothing", async () => {
  const world = new World();
  const watched = await world.live();
  world.wake();
  world.socket.say({ type: "pong" });
  await world.pass(20_000);
  assert.deepEqual(watched.statuses, ["connecting", "live"]);
});

test("a frozen tab that hears nothing for an hour asks before it despairs", async () => {
  const world = new World();
  const watched = await world.live();
  world.freeze(3_600_000);
  await world.pass(0);
  assert.equal(world.socket.asked("ping").length, 1);
  world.socket.say({ type: "pong" });
  await world.pass(20_000);
  assert.deepEqual(watched.statuses, ["connecting", "live"]);
});

test("hidden without a network it waits for either, and does not try", async () => {
  for (const change of [{ hidden: false }, { online: true }]) {
    const world = new World();
    const watched = await world.live();
    Object.assign(world, { hidden: true, online: false });
    world.socket.cut();
    await world.pass(3_600_000);
    assert.equal(world.sockets.length, 1);
    assert.deepEqual(watched.statuses.slice(-1), ["waiting: offline"]);
    assert.equal(watched.connection.status.retryAtMs, null);
    Object.assign(world, change);
    world.wake();
    await settled();
    assert.equal(world.sockets.length, 2);
  }
});

test("a wake ends a wait, unless the server has named its end", async () => {
  const world = new World();
  world.lot = () => 0.9;
  await world.live();
  world.socket.cut();
  world.wake();
  await settled();
  assert.equal(world.sockets.length, 2);
});

test("a listener that throws is reported, and the others still hear", async () => {
  const world = new World();
  const { connection } = await world.live();
  const heard: number[] = [];
  connection.on("score_updated", () => { throw new Error("mine"); });
  const stop = connection.on("score_updated", ({ sequence }) => heard.push(sequence));
  world.socket.event("score_updated", 5);
  stop();
  world.socket.event("score_updated", 6);
  assert.deepEqual(heard, [5]);
  assert.deepEqual(world.reported.map(String), ["Error: mine", "Error: mine"]);
});

test("a listener may stop itself, and close the connection", async () => {
  const listeners = new Listeners<{ a: number }>(new World());
  const heard: number[] = [];
  const stop = listeners.on("a", (number) => { heard.push(number); stop(); });
  listeners.on("a", (number) => heard.push(-number));
  listeners.tell("a", 1);
  listeners.tell("a", 2);
  assert.deepEqual(heard, [1, -1, -2]);

  const world = new World();
  const { connection } = await world.live();
  connection.on("score_updated", () => connection.close());
  world.socket.event("score_updated", 5);
  await world.pass(60_000);
  assert.equal(connection.status.phase, "closed");
  assert.equal(world.sockets.length, 1);
});

test("a token is renewed a minute or so before its end, and not before its half", () => {
  assert.equal(renewalDelayMs(3_600_000, 0), 3_540_000);
  assert.equal(renewalDelayMs(3_600_000, 1), 3_510_000);
  assert.equal(renewalDelayMs(60_000, 0.5), 30_000);
  assert.equal(renewalDelayMs(-5, 0), 5_000);
});

const HOUR_MS = 3_600_000;

/** Live with a token that ends in an hour by the server's clock, which is a day ahead. */
async function withToken(world: World, token: () => string) {
  const connection = world.connect({ match: "m1", token, lifetimeMs: 24 * HOUR_MS });
  await settled();
  const server_time = START_MS + 24 * HOUR_MS;
  world.socket.welcome(matchSnapshot("m1", 4), { server_time, expires_at: server_time + HOUR_MS });
  world.socket.onSent = ({ type }) => type === "ping" && world.socket.say({ type: "pong" });
  return { connection, server_time };
}

test("a newer token is sent ahead of the old one's end, and again before its own", async () => {
  const world = new World();
  let tokens = 0;
  const { server_time } = await withToken(world, () => `T${(tokens += 1)}`);
  await world.pass(HOUR_MS - 60_001);
  assert.equal(world.socket.asked("refresh").length, 0);
  await world.pass(1);
  assert.deepEqual(world.socket.asked("refresh").map(({ token }) => token), ["T2"]);
  world.socket.answer("refresh", { expires_at: server_time + 2 * HOUR_MS });
  await world.pass(HOUR_MS - 1);
  assert.equal(world.socket.asked("refresh").length, 1);
  await world.pass(1);
  assert.deepEqual(world.socket.asked("refresh").map(({ token }) => token), ["T2", "T3"]);
  assert.equal(world.sockets.length, 1);
});

test("the same token is not sent again, a newer one as soon as there is one", async () => {
  const world = new World();
  let token = "A";
  await withToken(world, () => token);
  await world.pass(HOUR_MS - 10_000);
  assert.equal(world.socket.asked("refresh").length, 0);
  token = "B";
  await world.pass(10_000);
  assert.deepEqual(world.socket.asked("refresh").map((frame) => frame.token), ["B"]);
});

test("told that the token has expired it renews it at once, and repeats the score", async () => {
  const world = new World();
  let token = "A";
  const { connection, server_time } = await withToken(world, () => token);
  token = "B";
  const reporting = connection.reportScore("m1", [1, 0]);
  world.socket.refuse("score_update", "token_expired");
  await settled();
  assert.deepEqual(world.socket.asked("refresh").map((frame) => frame.token), ["B"]);
  world.socket.answer("refresh", { expires_at: server_time + HOUR_MS });
  await settled();
  assert.equal(world.socket.asked("score_update").length, 2);
  world.socket.answer("score_update", { match_id: "m1", revision: 1 });
  await reporting;
});

test("ahead of the cut a second socket joins before the first is closed", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1", lifetimeMs: 20_000 }, 4);
  const first = world.socket;
  await world.pass(20_000);
  const second = world.socket;
  assert.equal(world.sockets.length, 2);
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
  assert.deepEqual(watched.news(), ["snapshot 4", "score_updated 5", "snapshot 5", "score_updated 6", "score_updated 7"]);
  assert.deepEqual(watched.statuses, ["connecting", "live"]);
});

test("the first socket stays for the answers that it owes", async () => {
  const world = new World();
  const { connection } = await world.live({ lifetimeMs: 20_000 });
  const first = world.socket;
  await world.pass(19_000);
  const starting = connection.start("m1");
  await world.pass(1_000);
  world.socket.welcome();
  await settled();
  assert.ok(!first.isClosed);
  first.answer("match_start", { match_id: "m1", revision: 0 });
  await starting;
  await world.pass(10_000);
  assert.ok(first.isClosed);
});

test("a second socket that does not come is tried for again, and the first stays live", async () => {
  const world = new World();
  const watched = await world.live({ lifetimeMs: 20_000 });
  world.onSocket = (socket) => queueMicrotask(() => socket.cut());
  await world.pass(24_000);
  assert.ok(world.sockets.length > 2);
  assert.ok(!world.sockets[0]!.isClosed);
  assert.deepEqual(watched.statuses, ["connecting", "live"]);
});

test("the second socket takes over at once when the first dies", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1", lifetimeMs: 20_000 }, 4);
  await world.pass(20_000);
  world.socket.welcome();
  await settled();
  world.sockets[0]!.cut();
  assert.equal(watched.connection.status.phase, "live");
  world.socket.subscribed(matchSnapshot("m1", 4), { recovered: true });
  await settled();
  world.socket.event("score_updated", 5);
  assert.deepEqual(watched.news(), ["snapshot 4", "snapshot 4", "score_updated 5"]);
  await world.pass(20_000);
  assert.equal(world.sockets.length, 3);
});

test("a goodbye for the age opens the next socket while the old one still stands", async () => {
  const world = new World();
  const watched = await world.live();
  const [first] = world.sockets;
  first!.say(goodbye(4012, "max_duration", true, 700));
  assert.ok(!first!.isClosed);
  assert.equal(watched.connection.status.phase, "live");
  first!.event("score_updated", 5);
  await world.pass(700);
  assert.equal(world.sockets.length, 2);
  world.socket.welcome();
  await settled();
  world.socket.subscribed(matchSnapshot("m1", 5));
  await settled();
  assert.ok(first!.isClosed);
  assert.deepEqual(watched.statuses, ["connecting", "live"]);
  assert.deepEqual(watched.news(), ["snapshot 4", "score_updated 5", "snapshot 5"]);
});

test("a goodbye for the age whose socket closes at once comes back when asked", async () => {
  const world = new World();
  const watched = await world.live();
  world.socket.say(goodbye(4012, "server_drain", true, 700));
  world.socket.cut();
  assert.equal(watched.statuses.at(-1), "waiting: server_drain");
  assert.equal(watched.connection.status.retryAtMs, START_MS + 700);
  await world.pass(700);
  assert.equal(world.sockets.length, 2);
});

test("while two sockets stand, a count of viewers is told once", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1", lifetimeMs: 20_000 }, 4);
  await world.pass(20_000);
  world.socket.welcome();
  await settled();
  const data = { room: "match", match_id: "m1", tournament_id: null, count: 9, sequence: 4 };
  for (const socket of world.sockets) socket.say({ type: "viewers", data });
  assert.deepEqual(watched.viewers, [9]);
});

test("a greeting that comes twice is told once", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 4);
  world.socket.welcome(matchSnapshot("m1", 4));
  await settled();
  assert.deepEqual(watched.news(), ["snapshot 4"]);
  assert.deepEqual(world.socket.sent, []);
});

test("a token that was taken is not sent a second time", async () => {
  const world = new World();
  let token = "A";
  const { server_time } = await withToken(world, () => token);
  token = "B";
  await world.pass(HOUR_MS - 60_000);
  world.socket.answer("refresh", { expires_at: server_time + HOUR_MS });
  await world.pass(50_000);
  assert.equal(world.socket.asked("refresh").length, 1);
});

test("a goodbye for the old token does not shut out the new one", async () => {
  const world = new World();
  let token = "old";
  const { connection } = await world.live({ match: "m1", token: () => token, lifetimeMs: 20_000 });
  token = "new";
  const [first] = world.sockets;
  await world.pass(20_000);
  first!.say(goodbye(4001, "token_expired", false));
  world.socket.welcome();
  await settled();
  world.socket.cut();
  await world.pass(1000);
  assert.equal(connection.status.phase, "connecting");
  assert.equal(world.socket.url.searchParams.get("token"), "new");
});
