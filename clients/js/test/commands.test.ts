import assert from "node:assert/strict";
import { test } from "node:test";

import { START_MS, World, goodbye, settled } from "./world.ts";

test("each command goes out as the wire wants it, and resolves with its acknowledgement", async () => {
  const world = new World();
  const { connection } = await world.live();
  const accepted = { match_id: "m1", revision: 4 };
  const calls: [Promise<unknown>, object][] = [
    [connection.start("m1"), { type: "match_start", match_id: "m1" }],
    [connection.changeState("m1", "paused"), { type: "match_state_change", match_id: "m1", new_state: "paused" }],
    [connection.dispute("m1", "Why?"), { type: "dispute_create", match_id: "m1", reason: "Why?" }],
    [connection.complete("m1", { winner: null }), { type: "match_complete", match_id: "m1", winner_id: null }],
    [
      connection.complete("m1", { winner: "p1", score: [2, 1], details: { penalties: null } }),
      {
        type: "match_complete", match_id: "m1", winner_id: "p1", participant1_score: 2, participant2_score: 1,
        details: { penalties: null },
      },
    ],
    [
      connection.reportScore("m1", [1, 0], { details: { minute: 3 }, updateId: "goal-1" }),
      {
        type: "score_update", match_id: "m1", participant1_score: 1, participant2_score: 0, details: { minute: 3 },
        client_revision: START_MS, update_id: "goal-1",
      },
    ],
  ];
  const sent = world.socket.sent.map(({ id, ...frame }) => frame);
  assert.deepEqual(sent, calls.map(([, frame]) => frame));
  for (const { id } of world.socket.sent.toReversed()) world.socket.say({ type: "accepted", id, data: accepted });
  for (const [call] of calls) assert.deepEqual(await call, accepted);
});

test("a refused command says why", async () => {
  const world = new World();
  const watched = await world.live();
  const starting = watched.connection.start("m1");
  const data = { match_id: "m1", state: "live" };
  world.socket.refuse("match_start", "invalid_transition", { data, retry_after_ms: 70 });
  await assert.rejects(starting, { name: "CommandRefused", code: "invalid_transition", retryAfterMs: 70, data });
  assert.deepEqual(watched.errors, []);
});

test("scores of one millisecond have strictly increasing revisions and ids of their own", async () => {
  const world = new World();
  const { connection } = await world.live();
  for (const goals of [1, 2, 3]) void connection.reportScore("m1", [goals, 0]);
  const scores = world.socket.asked("score_update");
  assert.deepEqual(scores.map(({ client_revision }) => client_revision), [START_MS, START_MS + 1, START_MS + 2]);
  assert.equal(new Set(scores.map(({ update_id }) => update_id)).size, 3);
  for (const { update_id } of scores) assert.ok(/^[\w-]{1,64}$/.test(update_id as string));
});

test("a score without an answer is sent again as it was, for a minute", async () => {
  const world = new World();
  const { connection } = await world.live();
  const reporting = assert.rejects(connection.reportScore("m1", [1, 0]), { name: "AnswerTimeout", sent: true });
  await world.pass(10_000);
  const [first, second] = world.socket.asked("score_update");
  assert.deepEqual(second, first);
  world.socket.onSent = ({ type }) => type === "ping" && world.socket.say({ type: "pong" });
  await world.pass(50_000);
  await reporting;
  assert.equal(world.socket.asked("score_update").length, 6);
});

test("a score that was on its way when the socket died is sent again on the next one", async () => {
  const world = new World();
  const { connection } = await world.live();
  const reporting = connection.reportScore("m1", [1, 0]);
  const [first] = world.socket.asked("score_update");
  world.socket.cut();
  await world.pass(500);
  world.socket.welcome();
  assert.deepEqual(world.socket.asked("score_update"), [first]);
  world.socket.answer("score_update", { match_id: "m1", revision: 5 });
  assert.equal((await reporting).revision, 5);
});

test("scores that are reported while there is no socket go out in their order once there is", async () => {
  const world = new World();
  const { connection } = await world.live();
  world.socket.cut();
  for (const goals of [1, 2]) void connection.reportScore("m1", [goals, 0]);
  await world.pass(500);
  world.socket.welcome();
  assert.deepEqual(world.socket.asked("score_update").map(({ participant1_score }) => participant1_score), [1, 2]);
});

test("a decisive command is sent once: when the socket dies its fate is unknown", async () => {
  const world = new World();
  const { connection } = await world.live();
  const starting = connection.start("m1");
  world.socket.cut();
  await assert.rejects(starting, { name: "ConnectionLost", sent: true });
  await world.pass(500);
  world.socket.welcome();
  await world.pass(20_000);
  assert.equal(world.socket.asked("match_start").length, 0);
});

test("a decisive command without an answer is given up after ten seconds, not repeated", async () => {
  const world = new World();
  const { connection } = await world.live();
  const starting = assert.rejects(connection.start("m1"), { name: "AnswerTimeout", sent: true });
  await world.pass(10_000);
  await starting;
  assert.equal(world.socket.asked("match_start").length, 1);
});

test("a decisive command waits for the first socket, but not for long", async () => {
  const world = new World();
  const connection = world.connect();
  const early = assert.rejects(connection.start("m1"), { name: "AnswerTimeout", sent: false });
  await world.pass(9_000);
  const later = connection.start("m2");
  await world.pass(1_000);
  await early;
  world.socket.welcome();
  assert.deepEqual(world.socket.asked("match_start").map(({ match_id }) => match_id), ["m2"]);
  world.socket.answer("match_start", { match_id: "m2", revision: 0 });
  await later;
});

test("what ends for good ends its commands, and takes no new ones", async () => {
  const world = new World();
  const { connection } = await world.live();
  const reporting = assert.rejects(connection.reportScore("m1", [1, 0]), { name: "ConnectionLost", sent: true });
  const entering = assert.rejects(connection.subscribe({ match: "m2" }), { name: "ConnectionLost" });
  world.socket.say(goodbye(4003, "disconnected_by_server", false));
  await Promise.all([reporting, entering]);
  await assert.rejects(connection.start("m1"), { name: "ConnectionLost", sent: false });
  await assert.rejects(connection.subscribe({ match: "m2" }), { name: "ConnectionLost", sent: false });
  assert.equal(world.timers, 0);
});

test("a score that was dropped for the rate is refused, if it can be no other frame", async () => {
  const world = new World();
  const watched = await world.live();
  const reporting = watched.connection.reportScore("m1", [1, 0]);
  const dropped = { type: "error", code: "message_rate_limit_exceeded", message: "No.", retry_after_ms: 900 };
  world.socket.say(dropped);
  await assert.rejects(reporting, { code: "message_rate_limit_exceeded", retryAfterMs: 900 });
  const both = [1, 2].map((goals) => watched.connection.reportScore("m1", [goals, 0]));
  world.socket.say(dropped);
  assert.deepEqual(watched.errors, ["message_rate_limit_exceeded", "message_rate_limit_exceeded"]);
  for (const { id } of world.socket.asked("score_update").slice(1)) {
    world.socket.say({ type: "accepted", id, data: { match_id: "m1", revision: 1 } });
  }
  await Promise.all(both);
});

test("a score that met a fault of the server or an old token is sent again", async () => {
  const world = new World();
  const { connection } = await world.live();
  const reporting = connection.reportScore("m1", [1, 0]);
  world.socket.refuse("score_update", "internal_error");
  await world.pass(10_000);
  assert.equal(world.socket.asked("score_update").length, 2);
  world.socket.answer("score_update", { match_id: "m1", revision: 1 });
  await reporting;
});

test("an answer that nobody waits for any longer is no event", async () => {
  const world = new World();
  const watched = await world.live();
  world.socket.say({ type: "accepted", id: "99", data: { match_id: "m1", revision: 1 } });
  world.socket.say({ type: "error", id: "98", code: "forbidden", message: "No." });
  await settled();
  assert.deepEqual(watched.errors, ["forbidden"]);
  assert.deepEqual(watched.news(), ["snapshot 4"]);
});

test("a timer that is a moment early does not repeat a decisive command", async () => {
  const world = new World();
  const { connection } = await world.live();
  const starting = assert.rejects(connection.start("m1"), { name: "AnswerTimeout" });
  const { now } = world;
  world.now = () => now() - 1;
  await world.pass(10_000);
  await starting;
  assert.equal(world.socket.asked("match_start").length, 1);
});

test("a score's revision is of the server's clock, whatever the official's own says", async () => {
  const world = new World();
  world.nowMs += 300_000;
  const { connection } = await world.live();
  await world.pass(1000);
  void connection.reportScore("m1", [1, 0]);
  assert.equal(world.socket.asked("score_update")[0]!.client_revision, START_MS + 1000);
});
