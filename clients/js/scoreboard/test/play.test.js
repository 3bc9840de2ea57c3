import assert from "node:assert/strict";
import { test } from "node:test";
import { after, changesBetween, nextName, parsed, playOf, pointsOf, rulesOf, undoing } from "../play.js";

const tennis = rulesOf({ scoring: { scale: 0, unit: "sets", best_of: 3 } });
const chess = rulesOf({ scoring: { scale: 1, unit: "games" } });
const handball = rulesOf({ scoring: { scale: 0, unit: "goals" } });
const start = playOf({ participant1_score: 0, participant2_score: 0 });
const played = (rules, ...actions) => actions.reduce((play, action) => after(play, action, rules), start);
const tap = (one, two) => ({ kind: "points", by: [one, two] });
const END = { kind: "end_period" };
const shown = ({ score, periods }) => [score.join("–"), ...periods.map((each) => `${each.name} ${each.participant1_score}–${each.participant2_score}${each.final ? "" : "…"}`)];

test("controls follow how a match is scored", () => {
  assert.deepEqual([rulesOf({}).isTimed, rulesOf({}).hasShootout, rulesOf({}).steps], [true, true, [1]]);
  assert.deepEqual([tennis.isWon, tennis.isTimed, tennis.hasShootout], [true, false, false]);
  assert.deepEqual([chess.isWon, chess.isTimed, chess.steps], [false, false, [5, 10]]);
  assert.equal(rulesOf({ scoring: { unit: "games" }, clock: { running: false } }).isTimed, true);
});

test("the points of a set are tapped, and its end counts it for whoever has more", () => {
  const first = played(tennis, tap(6, 0), tap(0, 4), END);
  assert.deepEqual(shown(first), ["1–0", "1 6–4"]);
  assert.deepEqual(pointsOf(first, tennis), [0, 0]);
  const second = after(first, tap(0, 1), tennis);
  assert.deepEqual(shown(second), ["1–0", "1 6–4", "2 0–1…"]);
  assert.deepEqual(pointsOf(second, tennis), [0, 1]);
});

test("a level set cannot end, and none begins once the match is decided", () => {
  assert.equal(after(played(tennis, tap(6, 6)), END, tennis), null);
  const won = played(tennis, tap(6, 0), END, tap(6, 0), END);
  assert.deepEqual(won.score, [2, 0]);
  assert.equal(after(won, tap(1, 0), tennis), null);
});

test("a set that was ended by mistake is played on", () => {
  const ended = played(tennis, tap(6, 4), END);
  assert.deepEqual(shown(after(ended, { kind: "reopen_period" }, tennis)), ["0–0", "1 6–4…"]);
  assert.equal(after(start, { kind: "reopen_period" }, tennis), null);
});

test("half a point is half of ten", () => {
  assert.deepEqual(played(chess, tap(5, 0), tap(0, 10)).score, [5, 10]);
  assert.deepEqual(["0.5", "1,5", "2", "0.25", "x", ""].map((text) => parsed(text, chess)), [5, 15, 20, NaN, NaN, NaN]);
});

test("a goal counts in total and in its half; what was played before is the first", () => {
  const clock = { period: null, running: true, elapsed_ms: 1000, at: 5 };
  const second = played(handball, tap(2, 1), { kind: "next_period", clock });
  assert.deepEqual(shown(second), ["2–1", "1 2–1", "2 0–0…"]);
  assert.deepEqual(second.clock, { ...clock, running: false, period: "2" });
  assert.deepEqual(shown(after(second, tap(0, 1), handball)), ["2–2", "1 2–1", "2 0–1…"]);
  assert.deepEqual(shown(after(second, { kind: "reopen_period" }, handball)), ["2–1", "1 2–1…"]);
});

test("a period is named after the one before it", () => {
  const named = (...names) => nextName({ periods: names.map((name) => ({ name })) });
  assert.deepEqual([named(), named("1"), named("Q2"), named("Mirage")], ["1", "2", "Q3", "2"]);
});

test("a kick that missed changes nothing, one taken back all that it did", () => {
  const kick = (side, scored, by) => ({ kind: "kick", side, scored, by });
  const shootout = { kind: "shootout", shootout: { participant1_score: 0, participant2_score: 0 } };
  const play = played(handball, shootout, kick(0, true), kick(1, false));
  assert.deepEqual(play.shootout, { participant1_score: 1, participant2_score: 0 });
  assert.equal(after(play, kick(0, true, -1), handball).shootout.participant1_score, 0);
  assert.equal(after(play, kick(1, true, -1), handball), null);
  assert.equal(after(start, kick(0, true), handball), null);
});

test("scores stay within what the match allows", () => {
  const negative = rulesOf({ scoring: { unit: "points", negative: true } });
  assert.equal(after(start, tap(-1, 0), handball), null);
  assert.deepEqual(after(start, tap(-1, 0), negative).score, [-1, 0]);
  assert.equal(after(start, tap(10 ** 12 + 1, 0), handball), null);
  assert.equal(after(start, tap(NaN, 0), handball), null);
});

test("undo takes back what one tap did, and nothing of what another official did meanwhile", () => {
  const before = played(tennis, tap(5, 4));
  const made = after(before, tap(1, 0), tennis);
  assert.deepEqual(after(made, undoing(before, made), tennis), before);
  const goal = after(start, tap(1, 0), handball);
  assert.deepEqual(after({ ...goal, score: [1, 1] }, undoing(start, goal), handball).score, [0, 1]);
  assert.equal(after(played(tennis, tap(6, 4), END), undoing(before, made), tennis), null);
});

test("an update says only what differs, and what is removed by an empty one", () => {
  const clock = { period: null, running: false, elapsed_ms: 0, at: 1 };
  assert.deepEqual(changesBetween(start, after(start, tap(1, 0), handball)), {});
  assert.deepEqual(changesBetween(start, { ...start, clock }), { clock });
  assert.deepEqual(changesBetween({ ...start, clock }, start), { clock: {} });
});
