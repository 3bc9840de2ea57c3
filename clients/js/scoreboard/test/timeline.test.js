import assert from "node:assert/strict";
import { test } from "node:test";
import { withMessages } from "../../src/reducer.ts";
import { timeline } from "../timeline.js";

const message = (type, sequence, data = {}) => ({ type, data: { sequence, server_time: sequence * 1000, ...data } });
const score = (sequence, one, two, details = null) =>
  message("score_updated", sequence, { participant1_score: one, participant2_score: two, details });
const snapshot = (sequence, one, two) =>
  message("snapshot", sequence, { participant1_score: one, participant2_score: two, server_time: undefined, updated_at: 7 });
const start = message("match_started", 1);
const history = (...messages) => withMessages([], messages);
const kinds = (...messages) => timeline(history(...messages)).map((row) => row.kind);

test("each goal is a row with its side and the score after it", () => {
  const rows = timeline(history(start, score(2, 1, 0), score(3, 1, 1, { minute: 9 })));
  assert.deepEqual(rows.map((row) => [row.kind, row.side, row.score.join("–")]), [
    ["started", undefined, "0–0"],
    ["goal", 0, "1–0"],
    ["goal", 1, "1–1"],
  ]);
  assert.equal(rows[2].details.minute, 9);
});

test("two goals at once, or a correction, are a change of score without a side", () => {
  const messages = [score(2, 2, 0), score(3, 1, 0), score(4, 0, 1), score(5, 2, 0)];
  assert.deepEqual(kinds(start, ...messages), ["started", "score", "score", "score", "score"]);
});

test("the same score again adds to the goal before it", () => {
  const rows = timeline(history(start, score(2, 1, 0), score(3, 1, 0, { scorer: "Ann" })));
  assert.deepEqual(rows.map((row) => row.kind), ["started", "goal"]);
  assert.equal(rows[1].details.scorer, "Ann");
});

test("a snapshot is a row only if its score is new", () => {
  assert.deepEqual(kinds(start, score(2, 1, 0), snapshot(2, 1, 0)), ["started", "goal"]);
  assert.deepEqual(kinds(start, snapshot(4, 2, 1), score(5, 3, 1)), ["started", "caught_up", "goal"]);
});

test("states, disputes and the end are rows with their data", () => {
  const rows = timeline(history(
    start,
    message("match_state_changed", 2, { old_state: "live", new_state: "paused" }),
    message("dispute_created", 3, { reason: "Offside.", initiated_by: "p2" }),
    message("match_completed", 4, { participant1_score: 1, participant2_score: 0 }),
    message("dispute_resolved", 5, { resolution: "upheld" }),
  ));
  assert.deepEqual(rows.map((row) => row.kind), ["started", "changed", "disputed", "completed", "resolved"]);
  assert.deepEqual([rows[1].from, rows[1].to, rows[2].reason, rows[2].by], ["live", "paused", "Offside.", "p2"]);
  assert.deepEqual(rows[3].score, [1, 0]);
});

test("late messages are sorted in, repeated ones are dropped", () => {
  const known = history(score(3, 1, 0));
  assert.deepEqual(withMessages(known, [start]).map((one) => one.type), ["match_started", "score_updated"]);
  assert.equal(withMessages(known, [score(3, 1, 0)]), known);
});

test("a decisive event with another time under the same sequence replaces the history", () => {
  const old = history(start, score(2, 5, 0));
  const restored = { ...start, data: { ...start.data, server_time: 99 } };
  assert.deepEqual(withMessages(old, [restored]), [restored]);
});

test("a repeated score with a later time is the same score", () => {
  const known = history(start, score(2, 1, 0));
  assert.equal(withMessages(known, [{ ...score(2, 1, 0), data: { ...score(2, 1, 0).data, server_time: 9 } }]), known);
});

test("a shoot-out after the last goal keeps its scorer", () => {
  const rows = timeline(history(start, score(2, 1, 1, { minute: 88, scorer: "B" }), score(3, 1, 1, { penalties: [3, 2] })));
  assert.deepEqual(rows.at(-1).details, { minute: 88, scorer: "B", penalties: [3, 2] });
});

test("each of the updates that a message stands for is a row", () => {
  const merged = score(2, 2, 1, { scorer: "Last" });
  const update = (one, two, scorer) => ({ participant1_score: one, participant2_score: two, details: { scorer }, at: one });
  merged.data.updates = [update(1, 0, "Ann"), update(1, 1, "Bob"), update(2, 1, "Cid")];
  const rows = timeline(history(start, merged));
  assert.deepEqual(rows.slice(1).map((row) => [row.side, row.details.scorer, row.atMs]), [[0, "Ann", 1], [1, "Bob", 1], [0, "Cid", 2]]);
});

test("a lowered score is a correction", () => {
  assert.deepEqual(timeline(history(start, score(2, 2, 0), score(3, 1, 0))).map((row) => row.isCorrection), [undefined, false, true]);
});

test("M5: another kick-off is a row, another name is none", () => {
  const rows = timeline([
    message("match_registered", 1, { scheduled_at: "2026-06-11T13:00:00Z" }),
    message("match_updated", 2, { scheduled_at: "2026-06-12T13:00:00Z", changed: ["scheduled_at"] }),
    message("match_updated", 3, { changed: ["participants"] }),
    message("match_updated", 4, { changed: 7 }),
  ]);
  assert.deepEqual(rows.map(({ kind, kickOff }) => [kind, kickOff]), [["rescheduled", "2026-06-12T13:00:00Z"]]);
});

const state = (sequence, one, two, more) => {
  const { data } = score(sequence, one, two, more.details);
  return message("score_updated", sequence, { ...data, revision: sequence, ...more });
};

test("in other sports than football, one side's points are one row, whatever their number", () => {
  const rowsOf = (unit) => timeline([score(2, 5, 0), score(3, 5, 15)], { scoring: { scale: 1, unit } });
  assert.deepEqual(rowsOf("games").map(({ kind, side, points }) => [kind, side, points]), [["goal", 0, 5], ["goal", 1, 15]]);
  assert.deepEqual(rowsOf("goals").map(({ kind }) => kind), ["score", "score"]);
});

test("the end of a set is a row, its points are none", () => {
  const set = (one, two, final) => ({ name: "1", participant1_score: one, participant2_score: two, final });
  const messages = [state(2, 0, 0, { periods: [set(6, 4, false)] }), state(3, 1, 0, { periods: [set(6, 4, true)] })];
  const rows = timeline([start, ...messages], { scoring: { unit: "sets" } });
  assert.deepEqual(rows.map(({ kind }) => kind), ["started", "period"]);
  assert.deepEqual([rows[1].period.participant1_score, rows[1].score], [6, [1, 0]]);
});

test("each kick of a shoot-out is a row, unless it was taken back", () => {
  const kick = (sequence, one, two, team, kicked, more = {}) =>
    state(sequence, 1, 1, { shootout: { participant1_score: one, participant2_score: two }, details: team && { team, kick: kicked }, ...more });
  const messages = [score(2, 1, 1), kick(3, 1, 0, "p1", "scored"), kick(4, 1, 0, "p2", "missed"), kick(5, 1, 0, null, null, { corrects: 4 }), kick(6, 1, 1, "p2", "scored")];
  const match = { participants: [{ id: "p1" }, { id: "p2" }] };
  const kicks = timeline([start, ...messages], match).filter((row) => row.kind === "kick");
  assert.deepEqual(kicks.map(({ side, isScored, shots }) => [side, isScored, shots]), [[0, true, [1, 0]], [1, true, [1, 1]]]);
});

test("merged updates say nothing of sets: these are rows when they end, and kicks count on", () => {
  const at = (revision, one, two, details = null) => ({ revision, participant1_score: one, participant2_score: two, details, updated_at: revision });
  const periods = [{ name: "1", participant1_score: 6, participant2_score: 4, final: true }];
  const merged = state(4, 1, 0, { periods, updates: [at(2, 0, 0), at(3, 1, 0), at(4, 1, 0)] });
  assert.deepEqual(timeline([start, merged], { scoring: { unit: "sets" }, periods }).map(({ kind }) => kind), ["started", "period"]);
  const kicks = [at(3, 0, 0, { team: "p1", kick: "scored" }), at(4, 0, 0, { team: "p2", kick: "scored" })];
  const shootout = { participant1_score: 1, participant2_score: 1 };
  const rows = timeline([start, state(4, 0, 0, { shootout, updates: kicks })], { participants: [{ id: "p1" }, { id: "p2" }] });
  assert.deepEqual(rows.slice(1).map(({ side, shots }) => [side, shots]), [[0, [1, 0]], [1, [1, 1]]]);
});
