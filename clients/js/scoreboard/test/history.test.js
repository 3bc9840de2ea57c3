import assert from "node:assert/strict";
import { test } from "node:test";
import { withHistory } from "../history.js";
import { timeline } from "../timeline.js";

const accepted = (revision, one, two, more = {}) => ({
  type: "score_accepted",
  data: { participant1_score: one, participant2_score: two, details: null, revision, updated_at: revision * 1000, ...more },
});
const event = (type, sequence, data = {}) => ({ type, data: { sequence, server_time: sequence * 1000, ...data } });
const published = (sequence, revision, one, two, more = {}) =>
  event("score_updated", sequence, { participant1_score: one, participant2_score: two, details: null, revision, ...more });
const update = (revision, one, two) => ({ ...accepted(revision, one, two).data });
const shown = (messages) => timeline(messages).map((row) => [row.kind, row.score.join("–")]);

test("M1: a page that is opened after the end shows each goal, merged ones too, with who reported it", () => {
  const entries = [
    event("match_started", 1),
    accepted(1, 1, 0, { updated_by: "ann" }),
    accepted(2, 2, 0),
    accepted(3, 2, 1, { updated_by: "bob" }),
    event("match_completed", 5, { participant1_score: 2, participant2_score: 1 }),
  ];
  const late = [event("match_started", 1), event("snapshot", 5, { participant1_score: 2, participant2_score: 1, revision: 3 })];
  const rows = timeline(withHistory(late, entries));
  assert.deepEqual(rows.map((row) => [row.kind, row.score.join("–"), row.user]), [
    ["started", "0–0", null],
    ["goal", "1–0", "ann"],
    ["goal", "2–0", null],
    ["goal", "2–1", "bob"],
    ["completed", "2–1", null],
  ]);
  assert.deepEqual(rows.slice(1, 4).map((row) => row.atMs), [1000, 2000, 3000]);
});

test("what was received beyond the history follows it, and nothing is shown twice", () => {
  const entries = [event("match_started", 1), accepted(1, 1, 0), accepted(2, 2, 0)];
  const merged = published(3, 4, 2, 2, { merged: 3, updates: [update(2, 2, 0), update(3, 2, 1), update(4, 2, 2)] });
  const live = [event("match_started", 1), published(2, 1, 1, 0), merged, event("match_state_changed", 4, { new_state: "paused" })];
  assert.deepEqual(shown(withHistory(live, entries)), [
    ["started", "0–0"], ["goal", "1–0"], ["goal", "2–0"], ["goal", "2–1"], ["goal", "2–2"], ["changed", "2–2"],
  ]);
});

test("merged goals are rows of their own, each with its time, and the newest is there if they do not fit", () => {
  const whole = published(2, 2, 2, 0, { merged: 2, updates: [update(1, 1, 0), update(2, 2, 0)] });
  assert.deepEqual(shown([whole]), [["goal", "1–0"], ["goal", "2–0"]]);
  assert.deepEqual(timeline([whole]).map((row) => row.atMs), [1000, 2000]);
  const cut = published(2, 3, 3, 0, { merged: 3, updates: [update(1, 1, 0), update(2, 2, 0)] });
  assert.deepEqual(shown([cut]), [["goal", "1–0"], ["goal", "2–0"], ["goal", "3–0"]]);
});

test("a goal that was taken back differs from a goal", () => {
  const rows = timeline(withHistory([], [accepted(1, 1, 0), accepted(2, 0, 0), accepted(3, 0, 1)]));
  assert.deepEqual(rows.map((row) => [row.kind, Boolean(row.isCorrection)]), [["goal", false], ["score", true], ["goal", false]]);
});

test("without a history the messages stay as they are", () => {
  const live = [published(2, 1, 1, 0)];
  assert.equal(withHistory(live, []), live);
});
