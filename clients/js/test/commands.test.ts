import assert from "node:assert/strict";
import { test } from "node:test";
import { official } from "#official";

import { START_MS, FakePlatform, goodbye, settled } from "./fake-platform.ts";

test("each command matches the protocol and resolves with its acknowledgement", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const accepted = { match_id: "m1", revision: 4 };
  const calls: [Promise<unknown>, object][] = [
    [official(connection).start("m1"), { type: "match_start", match_id: "m1" }],
    [official(connection).changeState("m1", "paused"), { type: "match_state_change", match_id: "m1", new_state: "paused" }],
    [official(connection).dispute("m1", "Why?"), { type: "dispute_create", match_id: "m1", reason: "Why?" }],
    [official(connection).complete("m1", { winner: null }), { type: "match_complete", match_id: "m1", winner_id: null }],
    [
      official(connection).complete("m1", { winner: "p1", score: [2, 1], details: { penalties: null } }),
      {
        type: "match_complete", match_id: "m1", winner_id: "p1", participant1_score: 2, participant2_score: 1,
        details: { penalties: null },
      },
    ],
    [
      official(connection).complete("m1", { winner: "p1", outcome: "walkover" }),
      { type: "match_complete", match_id: "m1", winner_id: "p1", outcome: "walkover" },
    ],
    [
      official(connection).amend("m1", { winner: null, score: [1, 1], decidedBy: "overtime", reason: "Offside" }),
      {
        type: "match_amend", match_id: "m1", reason: "Offside", winner_id: null, decided_by: "overtime",
        participant1_score: 1, participant2_score: 1,
      },
    ],
    [
      official(connection).amend("m1", { outcome: "awarded", reason: "Ruled" }),
      { type: "match_amend", match_id: "m1", reason: "Ruled", outcome: "awarded" },
    ],
    [
      official(connection).reopen("m1", "live", "Too early"),
      { type: "match_reopen", match_id: "m1", new_state: "live", reason: "Too early" },
    ],
    [
      official(connection).resolve("m1", "d1", "upheld", "Seen"),
      { type: "dispute_resolve", match_id: "m1", dispute_id: "d1", resolution: "upheld", note: "Seen" },
    ],
    [
      official(connection).reportScore("m1", [1, 0], { details: { minute: 3 }, updateId: "goal-1", baseRevision: 7 }),
      {
        type: "score_update", match_id: "m1", participant1_score: 1, participant2_score: 0, details: { minute: 3 },
        client_revision: START_MS, update_id: "goal-1", base_revision: 7,
      },
    ],
  ];
  const sent = platform.socket.sent.map(({ id, ...message }) => message);
  assert.deepEqual(sent, calls.map(([, message]) => message));
  for (const { id } of platform.socket.sent.toReversed()) platform.socket.deliver({ type: "accepted", id, data: accepted });
  for (const [call] of calls) assert.deepEqual(await call, accepted);
});

test("a rejected command carries the server's code and data", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  const starting = official(recorder.connection).start("m1");
  const data = { match_id: "m1", state: "live" };
  platform.socket.refuse("match_start", "invalid_transition", { data, retry_after_ms: 70 });
  await assert.rejects(starting, { name: "CommandRefused", code: "invalid_transition", retryAfterMs: 70, data });
  assert.deepEqual(recorder.errors, []);
});

test("scores of the same millisecond have increasing revisions and distinct ids", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const reporter = official(connection);
  for (const goals of [1, 2, 3]) void reporter.reportScore("m1", [goals, 0]);
  const scores = platform.socket.sentOf("score_update");
  assert.deepEqual(scores.map(({ client_revision }) => client_revision), [START_MS, START_MS + 1, START_MS + 2]);
  assert.equal(new Set(scores.map(({ update_id }) => update_id)).size, 3);
  for (const { update_id } of scores) assert.ok(/^[\w-]{1,64}$/.test(update_id as string));
});

test("an unanswered score is retried unchanged for a minute", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const reporting = assert.rejects(official(connection).reportScore("m1", [1, 0]), { name: "AnswerTimeout", sent: true });
  await platform.advance(10_000);
  const [first, second] = platform.socket.sentOf("score_update");
  assert.deepEqual(second, first);
  platform.socket.onSent = ({ type }) => type === "ping" && platform.socket.deliver({ type: "pong" });
  await platform.advance(50_000);
  await reporting;
  assert.equal(platform.socket.sentOf("score_update").length, 6);
});

test("a score in flight when the socket closes is sent again on the next one", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const reporting = official(connection).reportScore("m1", [1, 0]);
  const [first] = platform.socket.sentOf("score_update");
  platform.socket.cut();
  await platform.advance(500);
  platform.socket.welcome();
  assert.deepEqual(platform.socket.sentOf("score_update"), [first]);
  platform.socket.answer("score_update", { match_id: "m1", revision: 5 });
  assert.equal((await reporting).revision, 5);
});

test("scores reported without a socket are sent in order once there is one", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  platform.socket.cut();
  for (const goals of [1, 2]) void official(connection).reportScore("m1", [goals, 0]);
  await platform.advance(500);
  platform.socket.welcome();
  assert.deepEqual(platform.socket.sentOf("score_update").map(({ participant1_score }) => participant1_score), [1, 2]);
});

test("a decisive command is sent once: when the socket closes its outcome is unknown", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const starting = official(connection).start("m1");
  platform.socket.cut();
  await assert.rejects(starting, { name: "ConnectionLost", sent: true });
  await platform.advance(500);
  platform.socket.welcome();
  await platform.advance(20_000);
  assert.equal(platform.socket.sentOf("match_start").length, 0);
});

test("an unanswered decisive command times out after ten seconds and is not retried", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const starting = assert.rejects(official(connection).start("m1"), { name: "AnswerTimeout", sent: true });
  await platform.advance(10_000);
  await starting;
  assert.equal(platform.socket.sentOf("match_start").length, 1);
});

test("a decisive command waits at most ten seconds for the first socket", async () => {
  const platform = new FakePlatform();
  const connection = platform.connect();
  const early = assert.rejects(official(connection).start("m1"), { name: "AnswerTimeout", sent: false });
  await platform.advance(9_000);
  const later = official(connection).start("m2");
  await platform.advance(1_000);
  await early;
  platform.socket.welcome();
  assert.deepEqual(platform.socket.sentOf("match_start").map(({ match_id }) => match_id), ["m2"]);
  platform.socket.answer("match_start", { match_id: "m2", revision: 0 });
  await later;
});

test("a final goodbye rejects pending and new commands", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const reporting = assert.rejects(official(connection).reportScore("m1", [1, 0]), { name: "ConnectionLost", sent: true });
  const entering = assert.rejects(connection.subscribe({ match: "m2" }), { name: "ConnectionLost" });
  platform.socket.deliver(goodbye(4003, "disconnected_by_server", false));
  await Promise.all([reporting, entering]);
  await assert.rejects(official(connection).start("m1"), { name: "ConnectionLost", sent: false });
  await assert.rejects(connection.subscribe({ match: "m2" }), { name: "ConnectionLost", sent: false });
  assert.equal(platform.timers, 0);
});

test("a rate-limit error without an id rejects the only pending command", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  const reporting = official(recorder.connection).reportScore("m1", [1, 0]);
  const dropped = { type: "error", code: "message_rate_limit_exceeded", message: "No.", retry_after_ms: 900 };
  platform.socket.deliver(dropped);
  await assert.rejects(reporting, { code: "message_rate_limit_exceeded", retryAfterMs: 900 });
  const both = [1, 2].map((goals) => official(recorder.connection).reportScore("m1", [goals, 0]));
  platform.socket.deliver(dropped);
  assert.deepEqual(recorder.errors, ["message_rate_limit_exceeded", "message_rate_limit_exceeded"]);
  for (const { id } of platform.socket.sentOf("score_update").slice(1)) {
    platform.socket.deliver({ type: "accepted", id, data: { match_id: "m1", revision: 1 } });
  }
  await Promise.all(both);
});

test("a score is retried after an internal error or an expired token", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const reporting = official(connection).reportScore("m1", [1, 0]);
  platform.socket.refuse("score_update", "internal_error");
  await platform.advance(10_000);
  assert.equal(platform.socket.sentOf("score_update").length, 2);
  platform.socket.answer("score_update", { match_id: "m1", revision: 1 });
  await reporting;
});

test("a response to a command that timed out is not an event", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  platform.socket.deliver({ type: "accepted", id: "99", data: { match_id: "m1", revision: 1 } });
  platform.socket.deliver({ type: "error", id: "98", code: "forbidden", message: "No." });
  await settled();
  assert.deepEqual(recorder.errors, ["forbidden"]);
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4"]);
});

test("a timer that fires early does not repeat a decisive command", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live();
  const starting = assert.rejects(official(connection).start("m1"), { name: "AnswerTimeout" });
  const { now } = platform;
  platform.now = () => now() - 1;
  await platform.advance(10_000);
  await starting;
  assert.equal(platform.socket.sentOf("match_start").length, 1);
});

test("a score's revision follows the server's clock, not the official's", async () => {
  const platform = new FakePlatform();
  platform.clockShiftMs = 300_000;
  const { connection } = await platform.live();
  await platform.advance(1000);
  void official(connection).reportScore("m1", [1, 0]);
  assert.equal(platform.socket.sentOf("score_update")[0]!.client_revision, START_MS + 1000);
});
