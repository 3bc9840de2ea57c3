import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, reduce } from "../state.js";

const listed = (match_id, more = {}) => ({
  match_id,
  participants: [{ id: "mexico", name: "Mexico" }, { id: "ghana", name: "Ghana" }],
  scheduled_at: "2026-06-11T13:00:00-06:00",
  state: "scheduled",
  participant1_score: 0,
  participant2_score: 0,
  details: null,
  winner_id: null,
  sequence: 0,
  ...more,
});
const shown = (match_id, more) => {
  const { participants, scheduled_at, ...rest } = listed(match_id, more);
  return rest;
};
const loaded = (...matches) => ({ type: "tournament_loaded", data: { name: "Cup", matches } });
const established = (snapshot, viewers = 1) => ({ type: "snapshot", data: { snapshot, viewers } });
const opened = { type: "socket_opened" };
const scored = (sequence, one, two, more = {}) => ({
  type: "score_updated",
  data: { match_id: "m1", sequence, participant1_score: one, participant2_score: two, ...more },
});
const event = (type, sequence, more = {}) => ({ type, data: { match_id: "m1", sequence, ...more } });
const after = (...messages) => messages.reduce(reduce, EMPTY);
const m1 = (state) => state.matches.get("m1");
const score = (state) => [m1(state).participant1_score, m1(state).participant2_score];

test("a loaded tournament gives names and matches, and is up to date", () => {
  const state = after(loaded(listed("m1"), listed("m2")));
  assert.equal(state.tournament.name, "Cup");
  assert.deepEqual([...state.matches.keys()], ["m1", "m2"]);
  assert.equal(state.outdated, false);
});

test("the snapshot of the tournament's room brings scores and keeps names", () => {
  const snapshot = { matches: [shown("m1", { state: "live", participant1_score: 2, sequence: 5 })] };
  const state = after(loaded(listed("m1")), opened, established(snapshot, 187));
  assert.deepEqual(score(state), [2, 0]);
  assert.equal(m1(state).participants[0].name, "Mexico");
  assert.equal(state.viewers, 187);
});

test("the snapshot of a match's room is that match", () => {
  const snapshot = listed("m1", { state: "live", participant2_score: 3, sequence: 7 });
  assert.deepEqual(score(after(loaded(listed("m1")), opened, established(snapshot))), [0, 3]);
});

test("a connection without a room has no snapshot", () => {
  assert.equal(after(loaded(listed("m1")), opened, established(null)).matches.size, 1);
});

test("messages that are not newer than the match's latest change nothing", () => {
  const state = after(loaded(listed("m1")), scored(4, 2, 1));
  assert.equal(reduce(state, scored(4, 9, 9)), state);
  assert.equal(m1(reduce(state, scored(3, 9, 9))), m1(state));
  assert.equal(reduce(state, scored(undefined, 9, 9)), state);
  assert.deepEqual(score(reduce(state, scored(6, 3, 1))), [3, 1]);
});

test("each match counts its own sequence", () => {
  const state = after(loaded(listed("m1"), listed("m2")), {
    type: "match_started",
    data: { match_id: "m2", sequence: 90 },
  });
  assert.deepEqual(score(reduce(state, scored(1, 1, 0))), [1, 0]);
});

test("the reducer does not modify its input", () => {
  const state = after(loaded(listed("m1")));
  reduce(state, scored(1, 1, 0));
  assert.deepEqual(score(state), [0, 0]);
});

test("a match is started, paused, scored and completed", () => {
  const details = { full_time: [1, 1], penalties: [3, 4] };
  const started = after(loaded(listed("m1")), event("match_started", 1));
  assert.equal(m1(started).state, "live");
  const paused = reduce(started, event("match_state_changed", 2, { new_state: "paused" }));
  const still = reduce(paused, scored(3, 1, 1, { details: { minute: "90+4", scorer: "Ann" } }));
  assert.equal(m1(still).state, "paused");
  assert.equal(m1(still).details.scorer, "Ann");
  const done = reduce(still, event("match_completed", 4, { winner_id: "ghana", details }));
  assert.equal(m1(done).state, "completed");
  assert.equal(m1(done).winner_id, "ghana");
  assert.deepEqual(m1(done).details, details);
  assert.deepEqual(score(done), [1, 1]);
});

test("a completion may bring the final score", () => {
  const final = { winner_id: "mexico", participant1_score: 3, participant2_score: 2 };
  assert.deepEqual(score(after(loaded(listed("m1")), event("match_completed", 9, final))), [3, 2]);
});

test("a score without details clears the previous scorer", () => {
  const goal = scored(1, 1, 0, { details: { scorer: "Ann" } });
  assert.equal(m1(after(loaded(listed("m1")), goal, scored(2, 0, 0))).details, null);
});

test("a score of a match whose start was missed makes it live", () => {
  assert.equal(m1(after(loaded(listed("m1")), scored(2, 1, 0))).state, "live");
});

test("a dispute lasts until the state changes", () => {
  const disputed = after(loaded(listed("m1")), event("dispute_created", 1, { reason: "offside" }));
  assert.equal(m1(disputed).state, "disputed");
  const settled = reduce(disputed, event("match_state_changed", 2, { new_state: "live" }));
  assert.equal(m1(settled).state, "live");
});

test("a score brings its revision, and one without keeps the known one", () => {
  const state = after(loaded(listed("m1", { revision: 2 })), scored(1, 1, 0, { revision: 3 }));
  assert.equal(m1(state).revision, 3);
  assert.equal(m1(reduce(state, scored(2, 2, 0))).revision, 3);
});

test("events, snapshots and loaded history make up the timeline", () => {
  const start = event("match_started", 1, { server_time: 5 });
  const history = { type: "history_loaded", data: { match_id: "m1", events: [start] } };
  const state = after(loaded(listed("m1")), established(listed("m1", { sequence: 2 })), scored(3, 1, 0), history);
  const kinds = state.histories.get("m1").map((message) => message.type);
  assert.deepEqual(kinds, ["match_started", "snapshot", "score_updated"]);
});

test("a bracket event may bring the structure, and one without keeps the known one", () => {
  const structure = { groups: [{ name: "A", matches: ["m1"] }], rounds: [] };
  const state = after(loaded(listed("m1")), { type: "bracket_generated", data: { ...structure, sequence: 1 } });
  assert.deepEqual(state.structure, structure);
  assert.deepEqual(reduce(state, { type: "bracket_updated", data: {} }).structure, structure);
});

test("after a reconnect the snapshot wins, even if the server counts from one again", () => {
  const before = after(loaded(listed("m1")), opened, scored(40, 5, 5));
  const snapshot = { matches: [shown("m1", { participant1_score: 1, sequence: 2 })] };
  const state = [opened, established(snapshot)].reduce(reduce, before);
  assert.deepEqual(score(state), [1, 0]);
  assert.deepEqual(score(reduce(state, scored(3, 1, 1))), [1, 1]);
});

test("a message that overtakes its socket's snapshot is kept", () => {
  const snapshot = { matches: [shown("m1", { participant1_score: 1, sequence: 5 })] };
  const state = after(loaded(listed("m1")), opened, scored(6, 2, 0), established(snapshot));
  assert.deepEqual(score(state), [2, 0]);
});

test("a listing behind the socket brings names but no old score", () => {
  const renamed = listed("m1", { participants: [{ id: "a", name: "A" }, { id: "b", name: "B" }] });
  const state = after(loaded(listed("m1")), scored(3, 2, 0), loaded(renamed));
  assert.deepEqual(score(state), [2, 0]);
  assert.equal(m1(state).participants[0].name, "A");
});

test("an event older than the listing is kept in the history", () => {
  const paused = event("match_state_changed", 4, { new_state: "paused" });
  const state = after(loaded(listed("m1", { state: "live", sequence: 5 })), paused);
  assert.equal(m1(state).state, "live");
  assert.deepEqual(state.histories.get("m1"), [paused]);
});

test("an event of an unknown match makes the tournament outdated until it is listed", () => {
  const state = after(loaded(listed("m0")), scored(1, 1, 0));
  assert.equal(state.outdated, true);
  assert.equal(reduce(state, loaded(listed("m0"))).outdated, true);
  const known = reduce(state, loaded(listed("m0"), listed("m1")));
  assert.equal(known.outdated, false);
  assert.deepEqual(score(known), [1, 0]);
});

test("a snapshot with an unknown match makes the tournament outdated", () => {
  const snapshot = { matches: [shown("m0"), shown("m1")] };
  assert.equal(after(loaded(listed("m0")), opened, established(snapshot)).outdated, true);
});

test("a new bracket makes the tournament outdated", () => {
  assert.equal(after(loaded(listed("m1")), { type: "bracket_updated", data: {} }).outdated, true);
});

test("the sequence of a viewer count drops nothing", () => {
  const state = after(loaded(listed("m1")), scored(9, 1, 0));
  const viewers = { type: "viewers", data: { room: "r", count: 12, sequence: 1 } };
  assert.equal(reduce(state, viewers).viewers, 12);
});

test("unknown messages change nothing", () => {
  for (const message of [{ type: "pong" }, { type: "constructor" }, {}, null]) {
    assert.equal(reduce(EMPTY, message), EMPTY);
  }
});

test("a snapshot without details keeps those of its sequence and clears older ones", () => {
  const goal = scored(1, 1, 0, { details: { scorer: "Ann" } });
  const bare = (sequence) => {
    const { details, ...rest } = shown("m1", { sequence, participant1_score: sequence });
    return established({ matches: [rest], complete: false });
  };
  assert.equal(m1(after(loaded(listed("m1")), goal, opened, bare(1))).details.scorer, "Ann");
  assert.equal(m1(after(loaded(listed("m1")), goal, opened, bare(2))).details, null);
});
