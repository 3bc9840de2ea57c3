/** A client ends in the rooms it was last asked to be in, whatever becomes of earlier commands. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePlatform, matchSnapshot, settled } from "./fake-platform.ts";
import type { FakeSocket } from "./fake-platform.ts";

const room = { match: "m1" };
const commands = (socket: FakeSocket) => socket.sent.map(({ type }) => type).filter((type) => type !== "ping");

function answerPings(platform: FakePlatform): void {
  platform.socket.onSent = ({ type }) => type === "ping" && platform.socket.deliver({ type: "pong" });
}

test("an unanswered unsubscribe is not repeated after a later subscribe", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  platform.socket.onSent = ({ type }) => {
    if (type === "ping") platform.socket.deliver({ type: "pong" });
    if (type === "subscribe") platform.socket.subscribed(matchSnapshot("m1", 5));
  };
  void connection.unsubscribe(room);
  await platform.advance(500);
  await connection.subscribe(room);
  await platform.advance(70_000);
  assert.deepEqual(commands(platform.socket), ["unsubscribe", "subscribe", "subscribe"]);
});

test("a room is joined again when an unsubscribe may have been executed after the subscribe", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  void recorder.connection.unsubscribe(room);
  void recorder.connection.subscribe(room);
  platform.socket.subscribed(matchSnapshot("m1", 5));
  platform.socket.answer("unsubscribe", {});
  await settled();
  assert.deepEqual(commands(platform.socket), ["unsubscribe", "subscribe", "subscribe"]);
  platform.socket.subscribed(matchSnapshot("m1", 5));
  await settled();
  platform.socket.event("score_updated", 6);
  assert.equal(recorder.takeEvents().at(-1), "score_updated 6");
});

test("a room is left again when a subscribe may have been executed after the unsubscribe", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live({});
  void connection.subscribe(room).catch(() => null);
  void connection.unsubscribe(room);
  platform.socket.answer("unsubscribe", {});
  platform.socket.subscribed(matchSnapshot("m1", 5));
  await settled();
  assert.deepEqual(commands(platform.socket), ["subscribe", "unsubscribe", "unsubscribe"]);
  platform.socket.answer("unsubscribe", {});
  await platform.advance(20_000);
  assert.deepEqual(commands(platform.socket), ["subscribe", "unsubscribe", "unsubscribe"]);
});

test("an unsubscribe is not carried over to the next socket", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  void connection.unsubscribe(room);
  void connection.subscribe(room);
  platform.socket.cut();
  await platform.advance(500);
  platform.socket.welcome();
  await platform.advance(5_000);
  assert.equal(platform.socket.url.searchParams.get("match_id"), "m1");
  assert.deepEqual(commands(platform.socket), []);
});

test("an unanswered unsubscribe is repeated on its socket, for a minute", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  answerPings(platform);
  let isResolved = false;
  void connection.unsubscribe(room).then(() => { isResolved = true; });
  await platform.advance(59_000);
  assert.ok(!isResolved);
  assert.equal(platform.socket.sentOf("unsubscribe").length, 6);
  await platform.advance(11_000);
  assert.ok(isResolved);
  assert.equal(platform.socket.sentOf("unsubscribe").length, 6);
});

test("an unsubscribe that meets an internal error is repeated, a rejected one is not", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const leaving = connection.unsubscribe(room);
  platform.socket.refuse("unsubscribe", "internal_error");
  await platform.advance(2_000);
  assert.equal(platform.socket.sentOf("unsubscribe").length, 2);
  platform.socket.refuse("unsubscribe", "not_found");
  await leaving;
  await platform.advance(20_000);
  assert.equal(platform.socket.sentOf("unsubscribe").length, 2);
});

test("a room in the URL that was unsubscribed before the welcome is left after it", async () => {
  const platform = new FakePlatform();
  const connection = platform.connect(room);
  void connection.unsubscribe(room);
  await settled();
  assert.equal(platform.socket.url.searchParams.get("match_id"), "m1");
  platform.socket.welcome(matchSnapshot("m1", 4));
  await settled();
  assert.deepEqual(platform.socket.sent.map(({ id, ...message }) => message), [{ type: "unsubscribe", match_id: "m1" }]);
});

test("a room in the URL that was left and entered again before the welcome is kept", async () => {
  const platform = new FakePlatform();
  const connection = platform.connect(room);
  void connection.unsubscribe(room);
  void connection.subscribe(room);
  await settled();
  platform.socket.welcome(matchSnapshot("m1", 4));
  await settled();
  assert.equal(platform.socket.sentOf("unsubscribe").length, 0);
});

test("whatever the order of answers, the last wish holds", async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const platform = new FakePlatform();
    const { connection } = await platform.live({});
    let state = seed;
    const random = () => ((state = (state * 48271) % 2147483647) / 2147483647);
    const isIn = { value: false };
    executeInAnyOrder(platform, random, isIn);
    let isWanted = false;
    for (let step = 0; step < 12; step += 1) {
      isWanted = random() < 0.5;
      if (isWanted) void connection.subscribe(room).catch(() => null);
      else void connection.unsubscribe(room);
      await platform.advance(random() * 800);
    }
    await platform.advance(180_000);
    assert.equal(isIn.value, isWanted, `seed ${seed}`);
    connection.close();
  }
});

/** The server executes each command after a while of its own; one answer in five is lost. */
function executeInAnyOrder(platform: FakePlatform, random: () => number, isIn: { value: boolean }): void {
  const { socket } = platform;
  socket.onSent = ({ type, id }) => {
    if (type === "ping") return socket.deliver({ type: "pong" });
    platform.setTimeout(() => {
      isIn.value = type === "subscribe";
      if (random() < 0.2) return;
      const data = { tournament_id: "t1", snapshot: matchSnapshot("m1", 4), viewers: 1, recovered: false, events: [] };
      socket.deliver({ type: `${type}d`, id, data });
    }, random() * 2_000);
  };
}
