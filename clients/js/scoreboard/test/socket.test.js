import assert from "node:assert/strict";
import { test } from "node:test";
import { delayAfterGoodbyeMs, lastingConnection, NoAddress, reconnectDelayMs } from "../socket.js";

const lowest = () => 0;
const highest = () => 1 - Number.EPSILON;

/** A connection whose clock, dice and sockets are the test's. */
function connected({ address = async () => "ws://here/", random = lowest } = {}) {
  const world = { nowMs: 1000, sockets: [], frames: [], wishes: [] };
  world.connection = lastingConnection({
    address: (wish) => (world.wishes.push(wish), address(wish)),
    onFrame: (frame) => world.frames.push(frame.type),
    openSocket: (url) => world.sockets[world.sockets.push(socketTo(url)) - 1],
    random,
    now: () => world.nowMs,
  });
  world.pass = async (ms) => {
    world.nowMs += ms;
    world.connection.tick();
    await settled();
  };
  world.hear = (frame) => world.sockets.at(-1).onmessage({ data: JSON.stringify(frame) });
  world.welcome = () => world.hear({ type: "connection_established", data: HEARTBEAT });
  world.phase = () => world.connection.status().phase;
  return world;
}

const HEARTBEAT = { heartbeat_interval: 25, heartbeat_timeout: 50 };

function socketTo(url) {
  const socket = { url, readyState: 1, sent: [], closed: false };
  socket.send = (text) => socket.sent.push(JSON.parse(text));
  socket.close = () => (socket.closed = true);
  return socket;
}

const settled = () => new Promise((resume) => setImmediate(resume));

async function live(options) {
  const world = connected(options);
  world.connection.open();
  await settled();
  world.welcome();
  return world;
}

test("reconnect delays are jittered between half a second and a ceiling that doubles to 20 s", () => {
  const ceilings = [1000, 2000, 4000, 8000, 16_000, 20_000, 20_000];
  for (const [attempt, ceiling] of ceilings.entries()) {
    assert.equal(reconnectDelayMs(attempt, lowest), 500);
    assert.equal(Math.round(reconnectDelayMs(attempt, highest)), ceiling);
  }
  assert.equal(Math.round(reconnectDelayMs(5000, highest)), 20_000);
});

test("a goodbye says whether and when to come back", () => {
  const drain = { code: 4012, reconnect: true, retry_after_ms: 7000 };
  assert.equal(delayAfterGoodbyeMs(drain, 0, lowest), 7000);
  assert.equal(Math.round(delayAfterGoodbyeMs(drain, 9, highest)), 7500);
  assert.equal(delayAfterGoodbyeMs({ code: 4004, reconnect: true }, 0, lowest), 500);
  assert.equal(delayAfterGoodbyeMs({ code: 4003, reconnect: false }, 0, lowest), null);
  assert.equal(delayAfterGoodbyeMs({ code: 4001, reconnect: false }, 0, lowest), 500);
});

test("a socket is live once the server has established it", async () => {
  const world = connected();
  world.connection.open();
  await settled();
  assert.equal(world.phase(), "connecting");
  world.sockets[0].onopen();
  world.welcome();
  assert.equal(world.phase(), "live");
  assert.deepEqual(world.frames, ["socket_opened", "connection_established"]);
});

test("the server's ping is answered with a pong", async () => {
  const world = await live();
  world.hear({ type: "ping", timestamp: 5 });
  assert.deepEqual(world.sockets[0].sent, [{ type: "pong" }]);
});

test("a lost socket is followed by another one", async () => {
  const world = await live();
  world.sockets[0].onclose();
  assert.equal(world.phase(), "waiting");
  await world.pass(499);
  assert.equal(world.sockets.length, 1);
  await world.pass(1);
  assert.equal(world.sockets.length, 2);
});

test("what a socket says after it was given up is not heard", async () => {
  const world = await live();
  const [old] = world.sockets;
  old.onclose();
  old.onmessage({ data: '{"type":"score_updated"}' });
  old.onclose();
  assert.deepEqual(world.frames, ["connection_established"]);
  assert.equal(world.connection.status().retryAtMs, world.nowMs + 500);
});

test("attempts that fail wait longer each time, and a connection that lasted begins anew", async () => {
  const world = await live({ random: highest });
  const waits = [];
  for (let loss = 0; loss < 3; loss++) {
    world.sockets.at(-1).onclose();
    waits.push(Math.round(world.connection.status().retryAtMs - world.nowMs));
    await world.pass(20_000);
  }
  assert.deepEqual(waits, [1000, 2000, 4000]);
  world.welcome();
  world.sockets.at(-1).onclose();
  assert.equal(Math.round(world.connection.status().retryAtMs - world.nowMs), 8000);
  await world.pass(8000);
  world.welcome();
  await world.pass(6000);
  world.sockets.at(-1).onclose();
  assert.equal(Math.round(world.connection.status().retryAtMs - world.nowMs), 1000);
});

test("a goodbye with a delay is obeyed", async () => {
  const world = await live();
  const drain = { type: "goodbye", code: 4012, reason: "server_drain", reconnect: true };
  world.hear({ ...drain, retry_after_ms: 7000 });
  assert.equal(world.sockets[0].closed, true);
  assert.equal(world.connection.status().reason, "server_drain");
  await world.pass(6999);
  assert.equal(world.sockets.length, 1);
  await world.pass(1);
  assert.equal(world.sockets.length, 2);
});

test("a last goodbye closes for good, until somebody asks again", async () => {
  const world = await live();
  world.hear({ type: "goodbye", code: 4003, reason: "disconnected_by_server", reconnect: false });
  await world.pass(60_000);
  assert.equal(world.phase(), "closed");
  assert.equal(world.connection.status().reason, "disconnected_by_server");
  world.connection.retryNow();
  await settled();
  assert.equal(world.sockets.length, 2);
});

test("an expired token asks for a new one", async () => {
  const world = await live();
  world.hear({ type: "goodbye", code: 4001, reason: "token_expired", reconnect: true });
  await world.pass(500);
  assert.deepEqual(world.wishes.map((wish) => wish.newTokenNeeded), [false, true]);
});

test("handshakes that fail are counted, so that the reason can be asked for", async () => {
  const world = connected();
  world.connection.open();
  await settled();
  world.sockets[0].onclose();
  await world.pass(500);
  assert.deepEqual(world.wishes.map((wish) => wish.refusals), [0, 1]);
});

test("silence is met with one ping, a warning and then a new socket", async () => {
  const world = await live();
  await world.pass(24_999);
  assert.deepEqual(world.sockets[0].sent, []);
  await world.pass(1);
  await world.pass(10_000);
  assert.deepEqual(world.sockets[0].sent.map((frame) => frame.type), ["ping"]);
  assert.equal(world.connection.status().staleAfterMs, 37_500);
  await world.pass(15_000);
  assert.equal(world.phase(), "waiting");
});

test("an answered ping keeps the connection", async () => {
  const world = await live();
  await world.pass(25_000);
  world.hear({ type: "pong" });
  await world.pass(25_000);
  assert.equal(world.phase(), "live");
  assert.equal(world.sockets[0].sent.length, 2);
});

test("a probe that is not answered soon gives the socket up", async () => {
  const world = await live();
  world.connection.probe();
  await world.pass(4999);
  assert.equal(world.phase(), "live");
  await world.pass(1);
  assert.equal(world.phase(), "waiting");
});

test("a socket that is never established is given up", async () => {
  const world = connected();
  world.connection.open();
  await settled();
  await world.pass(15_001);
  assert.equal(world.phase(), "waiting");
  assert.equal(world.sockets[0].closed, true);
});

test("an address that is not there yet is asked for again, one that is refused is not", async () => {
  const answers = [new NoAddress("not_announced", 2000), new Error("no network"), new NoAddress("forbidden")];
  const world = connected({ address: async () => Promise.reject(answers.shift()) });
  world.connection.open();
  await settled();
  assert.equal(world.connection.status().reason, "not_announced");
  assert.equal(world.connection.status().retryAtMs, world.nowMs + 2000);
  await world.pass(2000);
  assert.equal(world.connection.status().retryAtMs, world.nowMs + 500);
  await world.pass(500);
  assert.equal(world.phase(), "closed");
  assert.equal(world.connection.status().reason, "forbidden");
});

test("a frame that is no JSON is a sign of life and nothing more", async () => {
  const world = await live();
  await world.pass(20_000);
  world.sockets[0].onmessage({ data: "<html>" });
  assert.equal(world.connection.status().heardAtMs, world.nowMs);
  assert.equal(world.phase(), "live");
});
