import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../src/backoff.ts";
import { START_MS, Recorder, FakePlatform, goodbye, matchSnapshot, settled } from "./fake-platform.ts";

test("the ceiling of the backoff doubles with each failure, up to twenty seconds", () => {
  const backoff = new Backoff();
  const most = Array.from({ length: 8 }, () => backoff.delayMs(1));
  assert.deepEqual(most, [1000, 2000, 4000, 8000, 16_000, 20_000, 20_000, 20_000]);
  assert.equal(backoff.delayMs(0), 500);
  assert.equal(backoff.delayMs(0.5), 10_250);
});

test("a delay that the server asks for grows where it does not help, as before a full room", () => {
  const backoff = new Backoff();
  const waits = Array.from({ length: 8 }, () => backoff.serverDelayMs(10_000, 0));
  assert.deepEqual(waits, [10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 60_000, 60_000]);
  assert.equal(backoff.serverDelayMs(10_000, 1), 60_500);
  backoff.recordUptime(5_000);
  assert.equal(backoff.serverDelayMs(10_000, 0), 10_000);
});

test("a socket that stayed open for five seconds resets the failures, a shorter one does not", () => {
  const backoff = new Backoff();
  backoff.delayMs(1);
  backoff.recordUptime(4_999);
  assert.equal(backoff.delayMs(1), 2000);
  backoff.recordUptime(5_000);
  assert.equal(backoff.delayMs(1), 1000);
});

test("it connects by itself and reports every phase", async () => {
  const platform = new FakePlatform();
  const recorder = new Recorder(platform.connect({ match: "m1" }));
  assert.equal(recorder.connection.status.phase, "connecting");
  await settled();
  platform.socket.welcome(matchSnapshot("m1", 4));
  await settled();
  platform.socket.cut();
  await platform.advance(500);
  assert.deepEqual(recorder.statuses, ["live", "waiting: connection_lost", "connecting: connection_lost"]);
});

test("the URL has the room and the token", async () => {
  const platform = new FakePlatform();
  platform.connect({ match: "m1", tournament: "t1", token: async () => "JWT" });
  await settled();
  assert.equal(platform.socket.url.search, "?match_id=m1&token=JWT");
});

test("without a token the client is anonymous", async () => {
  const platform = new FakePlatform();
  platform.connect({ url: "wss://host/live?stage=a", tournament: "t1", token: () => null });
  await settled();
  assert.equal(platform.socket.url.search, "?stage=a&tournament_id=t1");
});

test("a refused handshake is retried with a growing, jittered delay", async () => {
  const platform = new FakePlatform();
  platform.jitter = () => 1;
  platform.onSocket = (socket) => queueMicrotask(() => socket.cut());
  const { status } = platform.connect();
  assert.equal(status.phase, "connecting");
  await platform.advance(16_000);
  const opened = platform.sockets.map(({ openedAtMs }) => openedAtMs - START_MS);
  assert.deepEqual(opened, [0, 1000, 3000, 7000, 15_000]);
});

test("while it waits it reports the reason and the next attempt, and retryNow connects at once", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  platform.socket.cut();
  assert.deepEqual(connection.status, {
    phase: "waiting", reason: "connection_lost", retryAtMs: START_MS + 500, isStale: false, lastMessageAtMs: START_MS,
  });
  connection.retryNow();
  await settled();
  assert.equal(platform.sockets.length, 2);
  await platform.advance(5_000);
  assert.equal(platform.sockets.length, 2);
});

test("a socket without a welcome is given up after fifteen seconds", async () => {
  const platform = new FakePlatform();
  const recorder = new Recorder(platform.connect());
  await platform.advance(14_999);
  assert.equal(recorder.connection.status.phase, "connecting");
  await platform.advance(1);
  assert.equal(recorder.statuses.at(-1), "waiting: no_welcome");
  assert.ok(platform.socket.isClosed);
});

test("a goodbye's own delay is respected, with a little jitter", async () => {
  const platform = new FakePlatform();
  platform.jitter = () => 0.5;
  const recorder = await platform.live();
  platform.socket.deliver(goodbye(4008, "slow_consumer", true, 7_000));
  assert.deepEqual(recorder.goodbyes, [4008]);
  assert.equal(recorder.connection.status.retryAtMs, START_MS + 7_250);
  platform.wake();
  await platform.advance(7_249);
  assert.equal(platform.sockets.length, 1);
  await platform.advance(1);
  assert.equal(platform.sockets.length, 2);
});

test("a goodbye without reconnect closes for good", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  platform.socket.deliver(goodbye(4003, "disconnected_by_server", false));
  assert.deepEqual(recorder.statuses.at(-1), "closed: disconnected_by_server");
  platform.wake();
  await platform.advance(3_600_000);
  assert.equal(platform.sockets.length, 1);
  assert.ok(platform.socket.isClosed);
  assert.equal(platform.timers, 0);
  recorder.connection.retryNow();
  await settled();
  assert.equal(platform.sockets.length, 2);
});

test("a goodbye with an unknown code respects its reconnect", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  platform.socket.deliver(goodbye(4999, "new", true));
  assert.equal(recorder.connection.status.phase, "waiting");
});

test("a goodbye for the token fetches a new one and connects with it", async () => {
  const platform = new FakePlatform();
  const tokens = ["A", "B"];
  const recorder = await platform.live({ match: "m1", token: () => tokens.shift()! });
  platform.socket.deliver(goodbye(4001, "token_expired", false));
  await platform.advance(500);
  assert.equal(platform.socket.url.searchParams.get("token"), "B");
  assert.equal(recorder.connection.status.phase, "connecting");
});

test("the same rejected token is not tried again", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1", token: () => "A" });
  platform.socket.deliver(goodbye(4001, "token_expired", true));
  await platform.advance(500);
  assert.equal(platform.sockets.length, 1);
  assert.equal(recorder.statuses.at(-1), "closed: token_expired");
});

test("a token that cannot be fetched is fetched again later", async () => {
  const platform = new FakePlatform();
  let isDown = true;
  const recorder = new Recorder(platform.connect({ token: () => { if (isDown) throw new Error("down"); return "A"; } }));
  await settled();
  assert.equal(recorder.statuses.at(-1), "waiting: token_unavailable");
  isDown = false;
  await platform.advance(500);
  assert.equal(platform.socket.url.search, "?token=A");
});

test("close leaves no socket, timer or listener", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1", token: () => "A" });
  assert.ok(platform.hasListeners);
  recorder.connection.close();
  assert.deepEqual(recorder.connection.status.phase, "closed");
  assert.ok(platform.socket.isClosed);
  assert.equal(platform.timers, 0);
  assert.ok(!platform.hasListeners);
});

test("close while the token is being fetched opens nothing", async () => {
  const platform = new FakePlatform();
  const connection = platform.connect({ token: () => "A" });
  connection.close();
  await platform.advance(60_000);
  assert.equal(platform.sockets.length, 0);
});

const http = { http: "https://host/v1/", token: () => "JWT" };

test("with the HTTP API each socket has a ticket of its own, and no token in its URL", async () => {
  const platform = new FakePlatform();
  let issued = 0;
  platform.answer = () => Response.json({ ticket: `T${(issued += 1)}` });
  platform.connect({ match: "m1", ...http });
  await platform.advance(0);
  assert.deepEqual(platform.requests, [{ url: "https://host/v1/tickets?match_id=m1", authorization: "Bearer JWT" }]);
  assert.equal(platform.socket.url.search, "?match_id=m1&ticket=T1");
  platform.socket.cut();
  await platform.advance(500);
  assert.equal(platform.socket.url.searchParams.get("ticket"), "T2");
});

test("a token that the HTTP API rejects is not tried twice", async () => {
  const platform = new FakePlatform();
  platform.answer = () => Response.json({ code: "forbidden" }, { status: 401 });
  const recorder = new Recorder(platform.connect(http));
  await platform.advance(60_000);
  assert.equal(recorder.statuses.at(-1), "closed: authentication_required");
  assert.equal(platform.requests.length, 1);
  assert.equal(platform.sockets.length, 0);
});

test("a forbidden client gets the reason", async () => {
  const platform = new FakePlatform();
  platform.answer = () => Response.json({ code: "forbidden" }, { status: 403 });
  const recorder = new Recorder(platform.connect(http));
  await platform.advance(60_000);
  assert.equal(recorder.statuses.at(-1), "closed: forbidden");
});

test("a proxy's answer is not the service's last word", async () => {
  for (const [status, body] of [[401, "<h1>Sign in</h1>"], [403, "<h1>Blocked</h1>"], [502, ""], [200, "<h1>Welcome</h1>"], [200, "{}"], [200, "null"]] as const) {
    const platform = new FakePlatform();
    platform.answer = () => new Response(body, { status });
    const recorder = new Recorder(platform.connect(http));
    await platform.advance(0);
    assert.equal(recorder.statuses.at(-1), `waiting: http_${status}`);
    platform.answer = () => Response.json({ ticket: "T" });
    await platform.advance(500);
    assert.equal(platform.sockets.length, 1, `${status}`);
  }
});

test("a refused ticket names the limit, and its delay is respected", async () => {
  const platform = new FakePlatform();
  const headers = { "retry-after": "7" };
  platform.answer = () => Response.json({ code: "connection_limit_exceeded" }, { status: 429, headers });
  const recorder = new Recorder(platform.connect(http));
  await platform.advance(0);
  assert.equal(recorder.statuses.at(-1), "waiting: connection_limit_exceeded");
  assert.equal(recorder.connection.status.retryAtMs, START_MS + 7_000);
});

test("an evicted connection does not come back, and says why", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  platform.socket.deliver(goodbye(4008, "connection_limit_exceeded", true, 100));
  await platform.advance(3_600_000);
  assert.equal(recorder.statuses.at(-1), "closed: connection_limit_exceeded");
  assert.equal(platform.sockets.length, 1);
});

test("an empty token is none", async () => {
  const platform = new FakePlatform();
  platform.connect({ http: "https://host/v1", token: () => "" });
  await platform.advance(0);
  assert.deepEqual([platform.requests, platform.socket.url.search], [[], ""]);
});

test("the status is the same object until it changes", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const { status } = connection;
  await platform.advance(1_000);
  platform.socket.event("score_updated", 5);
  assert.ok(connection.status === status);
  platform.socket.cut();
  assert.ok(connection.status !== status);
  assert.ok(connection.status === connection.status);
  assert.equal(status.phase, "live");
});

test("a client over the limit gets the reason, and retries", async () => {
  const platform = new FakePlatform();
  platform.answer = () => new Response("", { status: 429 });
  const recorder = new Recorder(platform.connect(http));
  await platform.advance(0);
  assert.equal(recorder.statuses.at(-1), "waiting: http_429");
  assert.equal(recorder.connection.status.retryAtMs, START_MS + 500);
});

test("an HTTP API that cannot be reached is tried again", async () => {
  const platform = new FakePlatform();
  platform.answer = () => { throw new TypeError("fetch failed"); };
  const recorder = new Recorder(platform.connect(http));
  await platform.advance(0);
  assert.equal(recorder.statuses.at(-1), "waiting: unreachable");
});

test("a stable connection reconnects soon, one that is cut at once waits longer each time", async () => {
  const platform = new FakePlatform();
  platform.jitter = () => 1;
  const recorder = await platform.live();
  const waits: number[] = [];
  for (const stoodMs of [0, 0, 5_000, 0]) {
    await platform.advance(stoodMs);
    platform.socket.cut();
    waits.push(recorder.connection.status.retryAtMs! - platform.nowMs);
    await platform.advance(waits.at(-1)!);
    platform.socket.welcome();
    await settled();
  }
  assert.deepEqual(waits, [1000, 2000, 1000, 2000]);
});
