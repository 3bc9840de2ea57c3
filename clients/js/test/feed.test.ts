import assert from "node:assert/strict";
import { test } from "node:test";

import { START_MS, Watched, World, goodbye, matchSnapshot, settled, told, tournamentSnapshot } from "./world.ts";

test("the room in the URL is told by its snapshot", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 4);
  assert.deepEqual(watched.news(), ["snapshot 4"]);
  assert.equal(world.socket.sent.length, 0);
  assert.deepEqual(watched.snapshots[0], {
    room: { match: "m1" }, snapshot: matchSnapshot("m1", 4), viewers: 7, recovered: false,
    established: true, role: "spectator", is_participant: false,
  });
});

test("an event is told once, and an old one never", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 4);
  for (const number of [4, 5, 5, 3, 6]) world.socket.event("score_updated", number);
  assert.deepEqual(watched.news(), ["snapshot 4", "score_updated 5", "score_updated 6"]);
  await world.pass(10_000);
  assert.equal(world.socket.asked("subscribe").length, 0);
});

test("an event that comes before the greeting is told after its snapshot, if it is newer", async () => {
  const world = new World();
  const watched = new Watched(world.connect({ match: "m1" }));
  await settled();
  world.socket.event("score_updated", 4);
  world.socket.event("score_updated", 5);
  assert.deepEqual(watched.news(), []);
  world.socket.welcome(matchSnapshot("m1", 4));
  assert.deepEqual(watched.news(), ["snapshot 4", "score_updated 5"]);
});

test("after a reconnect the room is joined with the newest number, and missed events come first", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 4);
  world.socket.event("score_updated", 5);
  watched.news();
  world.socket.cut();
  await world.pass(500);
  assert.equal(world.socket.url.search, "");
  world.socket.welcome();
  await settled();
  assert.deepEqual(world.socket.sent.map(({ id, ...frame }) => frame), [{ type: "subscribe", match_id: "m1", since: 5 }]);
  world.socket.event("match_completed", 9); // overtakes the answer
  const events = [told("match_state_changed", 7), told("match_state_changed", 6)];
  world.socket.subscribed(matchSnapshot("m1", 8), { recovered: true, events });
  await settled();
  assert.deepEqual(watched.news(), ["match_state_changed 6", "match_state_changed 7", "snapshot 8", "match_completed 9"]);
  assert.ok(watched.snapshots.at(-1)!.recovered && watched.snapshots.at(-1)!.established);
});

test("where nothing can be recovered the snapshot stands alone", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 4);
  watched.news();
  world.socket.cut();
  await world.pass(500);
  world.socket.welcome();
  await settled();
  world.socket.subscribed(matchSnapshot("m1", 40));
  await settled();
  assert.deepEqual(watched.news(), ["snapshot 40"]);
  assert.ok(!watched.snapshots.at(-1)!.recovered);
});

test("a gap is asked for with the newest number before it, and what came meanwhile waits", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 4);
  watched.news();
  world.socket.event("score_updated", 6);
  world.socket.event("score_updated", 7);
  assert.deepEqual(watched.news(), []);
  await world.pass(100);
  assert.deepEqual(world.socket.asked("subscribe").map(({ since }) => since), [4]);
  world.socket.event("score_updated", 8);
  world.socket.subscribed(matchSnapshot("m1", 7), { recovered: true, events: [told("match_started", 5)] });
  await settled();
  assert.deepEqual(watched.news(), [
    "match_started 5", "score_updated 6", "score_updated 7", "snapshot 7", "score_updated 8",
  ]);
  assert.ok(!watched.snapshots.at(-1)!.established);
  await world.pass(20_000);
  assert.equal(world.socket.asked("subscribe").length, 1);
});

test("a frame that is only late closes the gap without a question", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 4);
  watched.news();
  world.socket.event("score_updated", 6);
  world.socket.event("score_updated", 5);
  assert.deepEqual(watched.news(), ["score_updated 5", "score_updated 6"]);
  await world.pass(20_000);
  assert.equal(world.socket.asked("subscribe").length, 0);
});

test("not all viewers ask at once", async () => {
  const world = new World();
  world.lot = () => 0.999;
  await world.live({ match: "m1" }, 4);
  world.socket.event("score_updated", 6);
  await world.pass(499);
  assert.equal(world.socket.asked("subscribe").length, 0);
  await world.pass(1);
  assert.equal(world.socket.asked("subscribe").length, 1);
});

test("an answer that does not come holds nothing back for long, and is asked for again", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 4);
  watched.news();
  world.socket.event("score_updated", 6);
  await world.pass(100 + 2_999);
  assert.deepEqual(watched.news(), []);
  await world.pass(1);
  assert.deepEqual(watched.news(), ["score_updated 6"]);
  await world.pass(9_000);
  assert.equal(world.socket.asked("subscribe").length, 2);
});

test("a snapshot that is older than what has been told is not told, and asked for again", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 4);
  watched.news();
  world.socket.event("score_updated", 6);
  await world.pass(3_100);
  world.socket.subscribed(matchSnapshot("m1", 5));
  await settled();
  assert.deepEqual(watched.news(), ["score_updated 6"]);
  await world.pass(100);
  assert.deepEqual(world.socket.asked("subscribe").at(-1)!.since, 6);
  world.socket.subscribed(matchSnapshot("m1", 6), { recovered: true });
  await settled();
  assert.deepEqual(watched.news(), ["snapshot 6"]);
});

test("the number with the viewers shows what has not come, unless it is only on its way", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 4);
  const viewers = { type: "viewers", data: { room: "match", match_id: "m1", tournament_id: null, count: 9, sequence: 5 } };
  world.socket.say(viewers);
  world.socket.event("score_updated", 5);
  await world.pass(5_000);
  assert.equal(world.socket.asked("subscribe").length, 0);
  world.socket.say({ ...viewers, data: { ...viewers.data, sequence: 6 } });
  await world.pass(1_500);
  assert.deepEqual(world.socket.asked("subscribe").map(({ since }) => since), [5]);
  assert.deepEqual(watched.viewers, [9, 9]);
});

test("a server that was restored from a backup rules by its first snapshot", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 40);
  watched.news();
  world.socket.cut();
  await world.pass(500);
  world.socket.welcome();
  await settled();
  world.socket.event("score_updated", 13);
  world.socket.subscribed(matchSnapshot("m1", 12));
  await settled();
  world.socket.event("score_updated", 14);
  assert.deepEqual(watched.news(), ["snapshot 12", "score_updated 13", "score_updated 14"]);
});

test("in a tournament's room each match has its own numbers, and the bracket the tournament's", async () => {
  const world = new World();
  const watched = await world.live({ tournament: "t1" }, 2);
  watched.news();
  world.socket.event("match_started", 1, { match_id: "m2" });
  world.socket.event("bracket_updated", 3, { match_id: "m2" });
  world.socket.event("score_updated", 2, { match_id: "m2" });
  world.socket.event("match_started", 1, { match_id: "m3" });
  world.socket.event("bracket_updated", 3);
  assert.deepEqual(watched.news(), [
    "match_started 1 of m2", "bracket_updated 3 of m2", "score_updated 2 of m2", "match_started 1 of m3",
  ]);
});

test("a gap of a match in a tournament's room is closed by the tournament's snapshot", async () => {
  const world = new World();
  const watched = await world.live({ tournament: "t1" }, 2);
  watched.news();
  world.socket.event("score_updated", 3, { match_id: "m2" });
  world.socket.event("score_updated", 1, { match_id: "m3" });
  await world.pass(100);
  assert.deepEqual(world.socket.asked("subscribe").map(({ tournament_id, since }) => [tournament_id, since]), [["t1", 2]]);
  world.socket.subscribed(tournamentSnapshot(2, { m2: 3, m3: 1 }), { recovered: true });
  await settled();
  world.socket.event("score_updated", 4, { match_id: "m2" });
  assert.deepEqual(watched.news(), ["score_updated 1 of m3", "score_updated 3 of m2", "snapshot 2", "score_updated 4 of m2"]);
});

test("a match that is watched by itself too is recovered by its own room", async () => {
  const world = new World();
  const watched = await world.live({ tournament: "t1" }, 2);
  const entering = watched.connection.subscribe({ match: "m1" });
  world.socket.subscribed(matchSnapshot("m1", 4));
  assert.equal((await entering).snapshot.sequence, 4);
  world.socket.cut();
  watched.news();
  await world.pass(500);
  world.socket.welcome();
  await settled();
  const [tournament, match] = world.socket.asked("subscribe");
  const answer = (id: string, data: object) =>
    world.socket.say({ type: "subscribed", id, data: { tournament_id: "t1", viewers: 1, recovered: true, events: [], ...data } });
  answer(tournament!.id!, { snapshot: tournamentSnapshot(2, { m1: 5 }) });
  answer(match!.id!, { snapshot: matchSnapshot("m1", 5), events: [told("match_completed", 5)] });
  await settled();
  assert.deepEqual(watched.news(), ["snapshot 2", "match_completed 5", "snapshot 5"]);
});

test("subscribe is refused with the reason, and the room is forgotten", async () => {
  const world = new World();
  const watched = await world.live();
  const entering = watched.connection.subscribe({ match: "m9" });
  world.socket.refuse("subscribe", "not_found");
  await assert.rejects(entering, { name: "CommandRefused", code: "not_found", message: "No.", retryAfterMs: null });
  assert.deepEqual(watched.errors, []);
  world.socket.cut();
  await world.pass(500);
  world.socket.welcome();
  await settled();
  assert.deepEqual(world.socket.asked("subscribe").map(({ match_id }) => match_id), ["m1"]);
});

test("a room that is full after a reconnect is tried again when the server says", async () => {
  const world = new World();
  const watched = await world.live();
  world.socket.cut();
  await world.pass(500);
  world.socket.welcome();
  await settled();
  world.socket.refuse("subscribe", "room_full", { retry_after_ms: 30_000 });
  await world.pass(29_999);
  assert.equal(world.socket.asked("subscribe").length, 1);
  await world.pass(1);
  world.socket.subscribed(matchSnapshot("m1", 4), { recovered: true });
  await settled();
  assert.deepEqual(watched.news(), ["snapshot 4", "snapshot 4"]);
});

test("a room that is gone after a reconnect is an error", async () => {
  const world = new World();
  const watched = await world.live();
  world.socket.cut();
  await world.pass(500);
  world.socket.welcome();
  await settled();
  world.socket.refuse("subscribe", "not_found");
  await world.pass(20_000);
  assert.deepEqual(watched.errors, ["not_found"]);
  assert.equal(world.socket.asked("subscribe").length, 1);
});

test("a subscribe before the greeting is sent after it, and one in vain is given up", async () => {
  const world = new World();
  const connection = world.connect();
  const entering = connection.subscribe({ tournament: "t2" });
  const failing = assert.rejects(entering, { name: "AnswerTimeout" });
  await world.pass(0);
  world.socket.welcome();
  await settled();
  assert.equal(world.socket.asked("subscribe")[0]!.tournament_id, "t2");
  await world.pass(60_000);
  await failing;
});

test("unsubscribe is answered, and the room's events are not told any more", async () => {
  const world = new World();
  const watched = await world.live();
  const leaving = watched.connection.unsubscribe({ match: "m1" });
  world.socket.event("score_updated", 5);
  world.socket.answer("unsubscribe", { match_id: "m1", tournament_id: null });
  await leaving;
  assert.deepEqual(watched.news(), ["snapshot 4"]);
  world.socket.cut();
  await world.pass(500);
  world.socket.welcome();
  await settled();
  assert.equal(world.socket.asked("subscribe").length, 0);
});

test("the room of the URL can be full or missing: the server says an error and goodbye", async () => {
  const world = new World();
  const watched = new Watched(world.connect({ match: "m9" }));
  await settled();
  world.socket.say({ type: "error", code: "not_found", message: "No." });
  world.socket.say(goodbye(4004, "not_found", false));
  assert.deepEqual([watched.errors, watched.goodbyes], [["not_found"], [4004]]);
  assert.equal(watched.connection.status.phase, "closed");
  assert.equal(world.nowMs, START_MS);
});

test("the history of a room is in the answer to whoever asks for it, and is not told again", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 4);
  watched.news();
  const asking = watched.connection.subscribe({ match: "m1" }, { since: 0 });
  await settled();
  assert.deepEqual(world.socket.asked("subscribe").map(({ since }) => since), [0]);
  const events = [told("match_started", 1), told("match_state_changed", 3)];
  world.socket.subscribed(matchSnapshot("m1", 4), { recovered: true, events });
  assert.deepEqual((await asking).events, events);
  assert.ok(!watched.news().some((line) => line.startsWith("match_")));
});

test("an answer that comes too late for what it recovers does not claim to have recovered it", async () => {
  const world = new World();
  const watched = await world.live({ match: "m1" }, 4);
  world.socket.cut();
  await world.pass(500);
  world.socket.welcome();
  await settled();
  watched.news();
  world.socket.event("score_updated", 7);
  await world.pass(3000);
  world.socket.subscribed(matchSnapshot("m1", 7), { recovered: true, events: [told("dispute_created", 6)] });
  await settled();
  assert.deepEqual(watched.news(), ["score_updated 7", "snapshot 7"]);
  assert.ok(!watched.snapshots.at(-1)!.recovered);
});
