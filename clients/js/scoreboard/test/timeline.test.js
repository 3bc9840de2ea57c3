import assert from "node:assert/strict";
import { test } from "node:test";
import { remember, timeline } from "../timeline.js";

const frame = (type, sequence, data = {}) => ({ type, data: { sequence, server_time: sequence * 1000, ...data } });
const score = (sequence, one, two, details = null) =>
  frame("score_updated", sequence, { participant1_score: one, participant2_score: two, details });
const snapshot = (sequence, one, two) =>
  frame("snapshot", sequence, { participant1_score: one, participant2_score: two, server_time: undefined, updated_at: 7 });
const start = frame("match_started", 1);
const history = (...frames) => remember([], frames);
const kinds = (...frames) => timeline(history(...frames)).map((row) => row.kind);

test("each goal is a row with its side and the score after it", () => {
  const rows = timeline(history(start, score(2, 1, 0), score(3, 1, 1, { minute: 9 })));
  assert.deepEqual(rows.map((row) => [row.kind, row.side, row.score.join("–")]), [
    ["started", undefined, "0–0"],
    ["goal", 0, "1–0"],
    ["goal", 1, "1–1"],
  ]);
  assert.equal(rows[2].details.minute, 9);
});

test("two goals at once, or one taken back, are a change of score and nobody's goal", () => {
  const frames = [score(2, 2, 0), score(3, 1, 0), score(4, 0, 1), score(5, 2, 0)];
  assert.deepEqual(kinds(start, ...frames), ["started", "score", "score", "score", "score"]);
});

test("the same score again tells more of the goal before it", () => {
  const rows = timeline(history(start, score(2, 1, 0), score(3, 1, 0, { scorer: "Ann" })));
  assert.deepEqual(rows.map((row) => row.kind), ["started", "goal"]);
  assert.equal(rows[1].details.scorer, "Ann");
});

test("a snapshot is a row only where its score was not told before", () => {
  assert.deepEqual(kinds(start, score(2, 1, 0), snapshot(2, 1, 0)), ["started", "goal"]);
  assert.deepEqual(kinds(start, snapshot(4, 2, 1), score(5, 3, 1)), ["started", "caught_up", "goal"]);
});

test("states, disputes and the end are rows with what they say", () => {
  const rows = timeline(history(
    start,
    frame("match_state_changed", 2, { old_state: "live", new_state: "paused" }),
    frame("dispute_created", 3, { reason: "Offside.", initiated_by: "p2" }),
    frame("match_completed", 4, { participant1_score: 1, participant2_score: 0 }),
  ));
  assert.deepEqual(rows.map((row) => row.kind), ["started", "changed", "disputed", "completed"]);
  assert.deepEqual([rows[1].from, rows[1].to, rows[2].reason, rows[2].by], ["live", "paused", "Offside.", "p2"]);
  assert.deepEqual(rows[3].score, [1, 0]);
});

test("what comes late stands in its place, and what comes twice stands once", () => {
  const known = history(score(3, 1, 0));
  assert.deepEqual(remember(known, [start]).map((one) => one.type), ["match_started", "score_updated"]);
  assert.equal(remember(known, [score(3, 1, 0)]), known);
});

test("a decisive event of another time under the same number ends what was remembered", () => {
  const old = history(start, score(2, 5, 0));
  const restored = { ...start, data: { ...start.data, server_time: 99 } };
  assert.deepEqual(remember(old, [restored]), [restored]);
});

test("a score that is told again, later, is the same score", () => {
  const known = history(start, score(2, 1, 0));
  assert.equal(remember(known, [{ ...score(2, 1, 0), data: { ...score(2, 1, 0).data, server_time: 9 } }]), known);
});
