import assert from "node:assert/strict";
import { test } from "node:test";

import { START_MS, Recorder, FakePlatform, goodbye, matchSnapshot, settled, eventMessage, tournamentSnapshot } from "./fake-platform.ts";

test("the room in the URL is emitted as a snapshot", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4"]);
  assert.equal(platform.socket.sent.length, 0);
  assert.deepEqual(recorder.snapshots[0], {
    room: { match: "m1" }, snapshot: matchSnapshot("m1", 4), viewers: 7, recovered: false,
    established: true, role: "spectator", is_participant: false,
  });
});

test("an event is emitted once, and an older one never", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  for (const sequence of [4, 5, 5, 3, 6]) platform.socket.event("score_updated", sequence);
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4", "score_updated 5", "score_updated 6"]);
  await platform.advance(10_000);
  assert.equal(platform.socket.sentOf("subscribe").length, 0);
});

test("an event that arrives before the welcome is emitted after its snapshot, if it is newer", async () => {
  const platform = new FakePlatform();
  const recorder = new Recorder(platform.connect({ match: "m1" }));
  await settled();
  platform.socket.event("score_updated", 4);
  platform.socket.event("score_updated", 5);
  assert.deepEqual(recorder.takeEvents(), []);
  platform.socket.welcome(matchSnapshot("m1", 4));
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4", "score_updated 5"]);
});

test("after a reconnect the room is joined with the latest sequence, and missed events come first", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  platform.socket.event("score_updated", 5);
  recorder.takeEvents();
  platform.socket.cut();
  await platform.advance(500);
  assert.equal(platform.socket.url.search, "");
  platform.socket.welcome();
  await settled();
  assert.deepEqual(platform.socket.sent.map(({ id, ...message }) => message), [{ type: "subscribe", match_id: "m1", since: 5 }]);
  platform.socket.event("match_completed", 9); // overtakes the answer
  const events = [eventMessage("match_state_changed", 7), eventMessage("match_state_changed", 6)];
  platform.socket.subscribed(matchSnapshot("m1", 8), { recovered: true, events });
  await settled();
  assert.deepEqual(recorder.takeEvents(), ["match_state_changed 6", "match_state_changed 7", "snapshot 8", "match_completed 9"]);
  assert.ok(recorder.snapshots.at(-1)!.recovered && recorder.snapshots.at(-1)!.established);
});

test("without recovered events the snapshot stands alone", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  recorder.takeEvents();
  platform.socket.cut();
  await platform.advance(500);
  platform.socket.welcome();
  await settled();
  platform.socket.subscribed(matchSnapshot("m1", 40));
  await settled();
  assert.deepEqual(recorder.takeEvents(), ["snapshot 40"]);
  assert.ok(!recorder.snapshots.at(-1)!.recovered);
});

test("a gap is requested from the last sequence before it, and later events are buffered", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  recorder.takeEvents();
  platform.socket.event("score_updated", 6);
  platform.socket.event("score_updated", 7);
  assert.deepEqual(recorder.takeEvents(), []);
  await platform.advance(100);
  assert.deepEqual(platform.socket.sentOf("subscribe").map(({ since }) => since), [4]);
  platform.socket.event("score_updated", 8);
  platform.socket.subscribed(matchSnapshot("m1", 7), { recovered: true, events: [eventMessage("match_started", 5)] });
  await settled();
  assert.deepEqual(recorder.takeEvents(), [
    "match_started 5", "score_updated 6", "score_updated 7", "snapshot 7", "score_updated 8",
  ]);
  assert.ok(!recorder.snapshots.at(-1)!.established);
  await platform.advance(20_000);
  assert.equal(platform.socket.sentOf("subscribe").length, 1);
});

test("a late event closes the gap without a request", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  recorder.takeEvents();
  platform.socket.event("score_updated", 6);
  platform.socket.event("score_updated", 5);
  assert.deepEqual(recorder.takeEvents(), ["score_updated 5", "score_updated 6"]);
  await platform.advance(20_000);
  assert.equal(platform.socket.sentOf("subscribe").length, 0);
});

test("not all viewers ask at once", async () => {
  const platform = new FakePlatform();
  platform.jitter = () => 0.999;
  await platform.live({ match: "m1" }, 4);
  platform.socket.event("score_updated", 6);
  await platform.advance(499);
  assert.equal(platform.socket.sentOf("subscribe").length, 0);
  await platform.advance(1);
  assert.equal(platform.socket.sentOf("subscribe").length, 1);
});

test("a missing answer buffers events for three seconds at most, and is requested again", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  recorder.takeEvents();
  platform.socket.event("score_updated", 6);
  await platform.advance(100 + 2_999);
  assert.deepEqual(recorder.takeEvents(), []);
  await platform.advance(1);
  assert.deepEqual(recorder.takeEvents(), ["score_updated 6"]);
  await platform.advance(6_999);
  assert.equal(platform.socket.sentOf("subscribe").length, 1);
  await platform.advance(1);
  assert.deepEqual(platform.socket.sentOf("subscribe").map(({ since }) => since), [4, 6]);
});

test("what an unanswered request would have recovered is not said to be recovered by the next", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  platform.socket.event("score_updated", 6);
  await platform.advance(100 + 10_000);
  platform.socket.subscribed(matchSnapshot("m1", 6), { recovered: true });
  await settled();
  assert.ok(!recorder.snapshots.at(-1)!.recovered);
  platform.socket.event("score_updated", 8);
  await platform.advance(100);
  platform.socket.subscribed(matchSnapshot("m1", 8), { recovered: true, events: [eventMessage("match_started", 7)] });
  await settled();
  assert.ok(recorder.snapshots.at(-1)!.recovered);
});

test("a snapshot older than the emitted events is dropped and requested again", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  recorder.takeEvents();
  platform.socket.event("score_updated", 6);
  await platform.advance(3_100);
  platform.socket.subscribed(matchSnapshot("m1", 5));
  await settled();
  assert.deepEqual(recorder.takeEvents(), ["score_updated 6"]);
  await platform.advance(100);
  assert.deepEqual(platform.socket.sentOf("subscribe").at(-1)!.since, 6);
  platform.socket.subscribed(matchSnapshot("m1", 6), { recovered: true });
  await settled();
  assert.deepEqual(recorder.takeEvents(), ["snapshot 6"]);
});

test("the sequence of a viewer count reveals a missing event, unless it is only late", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  const viewers = { type: "viewers", data: { room: "match", match_id: "m1", tournament_id: null, count: 9, sequence: 5 } };
  platform.socket.deliver(viewers);
  platform.socket.event("score_updated", 5);
  await platform.advance(5_000);
  assert.equal(platform.socket.sentOf("subscribe").length, 0);
  platform.socket.deliver({ ...viewers, data: { ...viewers.data, sequence: 6 } });
  await platform.advance(1_500);
  assert.deepEqual(platform.socket.sentOf("subscribe").map(({ since }) => since), [5]);
  assert.deepEqual(recorder.viewers, [9, 9]);
});

test("the first snapshot of a restored server replaces the known sequences", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 40);
  recorder.takeEvents();
  platform.socket.cut();
  await platform.advance(500);
  platform.socket.welcome();
  await settled();
  platform.socket.event("score_updated", 13);
  platform.socket.subscribed(matchSnapshot("m1", 12));
  await settled();
  platform.socket.event("score_updated", 14);
  assert.deepEqual(recorder.takeEvents(), ["snapshot 12", "score_updated 13", "score_updated 14"]);
});

test("in a tournament's room each match has its own sequence, and the bracket the tournament's", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ tournament: "t1" }, 2);
  recorder.takeEvents();
  platform.socket.event("match_started", 1, { match_id: "m2" });
  platform.socket.event("bracket_updated", 3, { match_id: "m2" });
  platform.socket.event("score_updated", 2, { match_id: "m2" });
  platform.socket.event("match_started", 1, { match_id: "m3" });
  platform.socket.event("bracket_updated", 3);
  assert.deepEqual(recorder.takeEvents(), [
    "match_started 1 of m2", "bracket_updated 3 of m2", "score_updated 2 of m2", "match_started 1 of m3",
  ]);
});

test("a match's gap in a tournament's room is closed by the tournament's snapshot", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ tournament: "t1" }, 2);
  recorder.takeEvents();
  platform.socket.event("score_updated", 3, { match_id: "m2" });
  platform.socket.event("score_updated", 1, { match_id: "m3" });
  await platform.advance(100);
  assert.deepEqual(platform.socket.sentOf("subscribe").map(({ tournament_id, since }) => [tournament_id, since]), [["t1", 2]]);
  platform.socket.subscribed(tournamentSnapshot(2, { m2: 3, m3: 1 }), { recovered: true });
  await settled();
  platform.socket.event("score_updated", 4, { match_id: "m2" });
  assert.deepEqual(recorder.takeEvents(), ["score_updated 1 of m3", "score_updated 3 of m2", "snapshot 2", "score_updated 4 of m2"]);
});

test("a match that is subscribed on its own is recovered by its own room", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ tournament: "t1" }, 2);
  const entering = recorder.connection.subscribe({ match: "m1" });
  platform.socket.subscribed(matchSnapshot("m1", 4));
  assert.equal((await entering).snapshot.sequence, 4);
  platform.socket.cut();
  recorder.takeEvents();
  await platform.advance(500);
  platform.socket.welcome();
  await settled();
  const [tournament, match] = platform.socket.sentOf("subscribe");
  const answer = (id: string, data: object) =>
    platform.socket.deliver({ type: "subscribed", id, data: { tournament_id: "t1", viewers: 1, recovered: true, events: [], ...data } });
  answer(tournament!.id!, { snapshot: tournamentSnapshot(2, { m1: 5 }) });
  answer(match!.id!, { snapshot: matchSnapshot("m1", 5), events: [eventMessage("match_completed", 5)] });
  await settled();
  assert.deepEqual(recorder.takeEvents(), ["snapshot 2", "match_completed 5", "snapshot 5"]);
});

test("a rejected subscribe gives the reason, and the room is removed", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  const entering = recorder.connection.subscribe({ match: "m9" });
  platform.socket.refuse("subscribe", "not_found");
  await assert.rejects(entering, { name: "CommandRefused", code: "not_found", message: "No.", retryAfterMs: null });
  assert.deepEqual(recorder.errors, []);
  platform.socket.cut();
  await platform.advance(500);
  platform.socket.welcome();
  await settled();
  assert.deepEqual(platform.socket.sentOf("subscribe").map(({ match_id }) => match_id), ["m1"]);
});

test("a room that is full after a reconnect is tried again when the server says", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  platform.socket.cut();
  await platform.advance(500);
  platform.socket.welcome();
  await settled();
  platform.socket.refuse("subscribe", "room_full", { retry_after_ms: 30_000 });
  await platform.advance(29_999);
  assert.equal(platform.socket.sentOf("subscribe").length, 1);
  await platform.advance(1);
  platform.socket.subscribed(matchSnapshot("m1", 4), { recovered: true });
  await settled();
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4", "snapshot 4"]);
});

test("a room that no longer exists after a reconnect is an error", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  platform.socket.cut();
  await platform.advance(500);
  platform.socket.welcome();
  await settled();
  platform.socket.refuse("subscribe", "not_found");
  await platform.advance(20_000);
  assert.deepEqual(recorder.errors, ["not_found"]);
  assert.equal(platform.socket.sentOf("subscribe").length, 1);
});

test("a subscribe before the welcome is sent after it, and one without an answer times out", async () => {
  const platform = new FakePlatform();
  const connection = platform.connect();
  const entering = connection.subscribe({ tournament: "t2" });
  const failing = assert.rejects(entering, { name: "AnswerTimeout" });
  await platform.advance(0);
  platform.socket.welcome();
  await settled();
  assert.equal(platform.socket.sentOf("subscribe")[0]!.tournament_id, "t2");
  await platform.advance(60_000);
  await failing;
});

test("unsubscribe is answered, and the room's events are no longer emitted", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live();
  const leaving = recorder.connection.unsubscribe({ match: "m1" });
  platform.socket.event("score_updated", 5);
  platform.socket.answer("unsubscribe", { match_id: "m1", tournament_id: null });
  await leaving;
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4"]);
  platform.socket.cut();
  await platform.advance(500);
  platform.socket.welcome();
  await settled();
  assert.equal(platform.socket.sentOf("subscribe").length, 0);
});

test("a full or missing room in the URL is reported by an error and a goodbye", async () => {
  const platform = new FakePlatform();
  const recorder = new Recorder(platform.connect({ match: "m9" }));
  await settled();
  platform.socket.deliver({ type: "error", code: "not_found", message: "No." });
  platform.socket.deliver(goodbye(4004, "not_found", false));
  assert.deepEqual([recorder.errors, recorder.goodbyes], [["not_found"], [4004]]);
  assert.equal(recorder.connection.status.phase, "closed");
  assert.equal(platform.nowMs, START_MS);
});

test("the history of a room is in the answer to the caller, and is not emitted again", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  recorder.takeEvents();
  const asking = recorder.connection.subscribe({ match: "m1" }, { since: 0 });
  await settled();
  assert.deepEqual(platform.socket.sentOf("subscribe").map(({ since }) => since), [0]);
  const events = [eventMessage("match_started", 1), eventMessage("match_state_changed", 3)];
  platform.socket.subscribed(matchSnapshot("m1", 4), { recovered: true, events });
  assert.deepEqual((await asking).events, events);
  assert.ok(!recorder.takeEvents().some((line) => line.startsWith("match_")));
});

test("an answer too late for what it recovers does not claim to have recovered it", async () => {
  const platform = new FakePlatform();
  const recorder = await platform.live({ match: "m1" }, 4);
  platform.socket.cut();
  await platform.advance(500);
  platform.socket.welcome();
  await settled();
  recorder.takeEvents();
  platform.socket.event("score_updated", 7);
  await platform.advance(3000);
  platform.socket.subscribed(matchSnapshot("m1", 7), { recovered: true, events: [eventMessage("dispute_created", 6)] });
  await settled();
  assert.deepEqual(recorder.takeEvents(), ["score_updated 7", "snapshot 7"]);
  assert.ok(!recorder.snapshots.at(-1)!.recovered);
});
