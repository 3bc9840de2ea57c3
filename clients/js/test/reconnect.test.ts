import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../src/backoff.ts";
import { START_MS, Watched, World, goodbye, matchSnapshot, settled } from "./world.ts";

test("the ceiling of the wait doubles from failure to failure, up to twenty seconds", () => {
  const backoff = new Backoff();
  const most = Array.from({ length: 8 }, () => backoff.nextMs(1));
  assert.deepEqual(most, [1000, 2000, 4000, 8000, 16_000, 20_000, 20_000, 20_000]);
  assert.equal(backoff.nextMs(0), 500);
  assert.equal(backoff.nextMs(0.5), 10_250);
});

test("a socket that stood five seconds ends a row of failures, a shorter one does not", () => {
  const backoff = new Backoff();
  backoff.nextMs(1);
  backoff.stood(4_999);
  assert.equal(backoff.nextMs(1), 2000);
  backoff.stood(5_000);
  assert.equal(backoff.nextMs(1), 1000);
});

test("it connects by itself, and tells every change of its phase", async () => {
  const world = new World();
  const watched = new Watched(world.connect({ match: "m1" }));
  assert.equal(watched.connection.status.phase, "connecting");
  await settled();
  world.socket.welcome(matchSnapshot("m1", 4));
  await settled();
  world.socket.cut();
  await world.pass(500);
  assert.deepEqual(watched.statuses, ["connecting", "live", "waiting: connection_lost", "connecting: connection_lost"]);
});

test("the URL has the room and the token", async () => {
  const world = new World();
  world.connect({ match: "m1", tournament: "t1", token: async () => "JWT" });
  await settled();
  assert.equal(world.socket.url.search, "?match_id=m1&token=JWT");
});

test("without a token the client is anonymous", async () => {
  const world = new World();
  world.connect({ url: "wss://host/live?stage=a", tournament: "t1", token: () => null });
  await settled();
  assert.equal(world.socket.url.search, "?stage=a&tournament_id=t1");
});

test("a refused handshake is tried again after a growing, jittered wait", async () => {
  const world = new World();
  world.lot = () => 1;
  world.onSocket = (socket) => queueMicrotask(() => socket.cut());
  const { status } = world.connect();
  assert.equal(status.phase, "connecting");
  await world.pass(16_000);
  const opened = world.sockets.map(({ openedAtMs }) => openedAtMs - START_MS);
  assert.deepEqual(opened, [0, 1000, 3000, 7000, 15_000]);
});

test("while it waits it says until when and why, and retryNow ends the wait", async () => {
  const world = new World();
  const { connection } = await world.live();
  world.socket.cut();
  assert.deepEqual(connection.status, {
    phase: "waiting", reason: "connection_lost", retryAtMs: START_MS + 500, heardAtMs: START_MS, staleAfterMs: 37_500,
  });
  connection.retryNow();
  await settled();
  assert.equal(world.sockets.length, 2);
  await world.pass(5_000);
  assert.equal(world.sockets.length, 2);
});

test("a socket that is never greeted is given up after fifteen seconds", async () => {
  const world = new World();
  const watched = new Watched(world.connect());
  await world.pass(14_999);
  assert.equal(watched.connection.status.phase, "connecting");
  await world.pass(1);
  assert.equal(watched.statuses.at(-1), "waiting: no_welcome");
  assert.ok(world.socket.isClosed);
});

test("a goodbye's own wait is heeded, with a little jitter", async () => {
  const world = new World();
  world.lot = () => 0.5;
  const watched = await world.live();
  world.socket.say(goodbye(4008, "slow_consumer", true, 7_000));
  assert.deepEqual(watched.goodbyes, [4008]);
  assert.equal(watched.connection.status.retryAtMs, START_MS + 7_250);
  world.wake();
  await world.pass(7_249);
  assert.equal(world.sockets.length, 1);
  await world.pass(1);
  assert.equal(world.sockets.length, 2);
});

test("a goodbye without reconnect closes for good", async () => {
  const world = new World();
  const watched = await world.live();
  world.socket.say(goodbye(4003, "disconnected_by_server", false));
  assert.deepEqual(watched.statuses.at(-1), "closed: disconnected_by_server");
  world.wake();
  await world.pass(3_600_000);
  assert.equal(world.sockets.length, 1);
  assert.ok(world.socket.isClosed);
  assert.equal(world.timers, 0);
  watched.connection.retryNow();
  await settled();
  assert.equal(world.sockets.length, 2);
});

test("a goodbye of a code that is not known heeds its reconnect", async () => {
  const world = new World();
  const watched = await world.live();
  world.socket.say(goodbye(4999, "new", true));
  assert.equal(watched.connection.status.phase, "waiting");
});

test("a goodbye for the token asks for a new one and connects with it", async () => {
  const world = new World();
  const tokens = ["A", "B"];
  const watched = await world.live({ match: "m1", token: () => tokens.shift()! });
  world.socket.say(goodbye(4001, "token_expired", false));
  await world.pass(500);
  assert.equal(world.socket.url.searchParams.get("token"), "B");
  assert.equal(watched.connection.status.phase, "connecting");
});

test("the very same token is not tried again", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1", token: () => "A" });
  world.socket.say(goodbye(4001, "token_expired", true));
  await world.pass(500);
  assert.equal(world.sockets.length, 1);
  assert.equal(watched.statuses.at(-1), "closed: token_expired");
});

test("a token that cannot be had now is asked for again", async () => {
  const world = new World();
  let isDown = true;
  const watched = new Watched(world.connect({ token: () => { if (isDown) throw new Error("down"); return "A"; } }));
  await settled();
  assert.equal(watched.statuses.at(-1), "waiting: token_unavailable");
  isDown = false;
  await world.pass(500);
  assert.equal(world.socket.url.search, "?token=A");
});

test("close ends it: no socket, no timer, no listening to the world", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1", token: () => "A" });
  assert.ok(world.isListenedTo);
  watched.connection.close();
  assert.deepEqual(watched.connection.status.phase, "closed");
  assert.ok(world.socket.isClosed);
  assert.equal(world.timers, 0);
  assert.ok(!world.isListenedTo);
});

test("close while the token is being fetched opens nothing", async () => {
  const world = new World();
  const connection = world.connect({ token: () => "A" });
  connection.close();
  await world.pass(60_000);
  assert.equal(world.sockets.length, 0);
});

const http = { http: "https://host/v1/", token: () => "JWT" };

test("with the HTTP API each socket has a ticket of its own, and no token in its URL", async () => {
  const world = new World();
  let sold = 0;
  world.answer = () => Response.json({ ticket: `T${(sold += 1)}` });
  world.connect({ match: "m1", ...http });
  await world.pass(0);
  assert.deepEqual(world.requests, [{ url: "https://host/v1/tickets", authorization: "Bearer JWT" }]);
  assert.equal(world.socket.url.search, "?match_id=m1&ticket=T1");
  world.socket.cut();
  await world.pass(500);
  assert.equal(world.socket.url.searchParams.get("ticket"), "T2");
});

test("a token that the HTTP API does not take is not tried twice", async () => {
  const world = new World();
  world.answer = () => new Response("", { status: 401 });
  const watched = new Watched(world.connect(http));
  await world.pass(60_000);
  assert.equal(watched.statuses.at(-1), "closed: authentication_required");
  assert.equal(world.requests.length, 1);
  assert.equal(world.sockets.length, 0);
});

test("who is forbidden is told so", async () => {
  const world = new World();
  world.answer = () => new Response("", { status: 403 });
  const watched = new Watched(world.connect(http));
  await world.pass(60_000);
  assert.equal(watched.statuses.at(-1), "closed: forbidden");
});

test("who is one too many is told so, and comes back", async () => {
  const world = new World();
  world.answer = () => new Response("", { status: 429 });
  const watched = new Watched(world.connect(http));
  await world.pass(0);
  assert.equal(watched.statuses.at(-1), "waiting: http_429");
  assert.equal(watched.connection.status.retryAtMs, START_MS + 500);
});

test("an HTTP API that cannot be reached is tried again", async () => {
  const world = new World();
  world.answer = () => { throw new TypeError("fetch failed"); };
  const watched = new Watched(world.connect(http));
  await world.pass(0);
  assert.equal(watched.statuses.at(-1), "waiting: unreachable");
});

test("a connection that has stood is back soon, one that is cut at once waits longer and longer", async () => {
  const world = new World();
  world.lot = () => 1;
  const watched = await world.live();
  const waits: number[] = [];
  for (const stoodMs of [0, 0, 5_000, 0]) {
    await world.pass(stoodMs);
    world.socket.cut();
    waits.push(watched.connection.status.retryAtMs! - world.nowMs);
    await world.pass(waits.at(-1)!);
    world.socket.welcome();
    await settled();
  }
  assert.deepEqual(waits, [1000, 2000, 1000, 2000]);
});
