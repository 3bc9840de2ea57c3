/** Tables by results, points and head-to-head, and who goes on in a bracket. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { advance, standings } from "#standings";
import type { Match } from "#reducer";

const team = (id: string) => ({ id, name: id.toUpperCase() });

function played(match_id: string, one: string, two: string, [first, second]: [number, number], more: object = {}): Match {
  const winner_id = first === second ? null : first > second ? one : two;
  const participants = [team(one), team(two)];
  return { match_id, participants, state: "completed", sequence: 1, participant1_score: first, participant2_score: second, winner_id, ...more };
}

const order = (matches: Match[], options = {}) => standings(matches, options).map(({ id }) => id).join("");
const byId = (...matches: Match[]) => new Map(matches.map((match) => [match.match_id, match]));

test("points are three, one and none, or what the sport gives", () => {
  const matches = [played("1", "a", "b", [2, 1]), played("2", "a", "c", [1, 1])];
  assert.deepEqual(standings(matches).map(({ points }) => points), [4, 1, 0]);
  const two = standings(matches, { points: [2, 1, 0] });
  assert.deepEqual(two.map(({ id, points }) => [id, points]), [["a", 3], ["c", 1], ["b", 0]]);
  assert.deepEqual(standings([played("1", "a", "b", [0, 0])], { points: [1, 0.5, 0] }).map(({ points }) => points), [0.5, 0.5]);
});

test("M3: points follow the outcome", () => {
  const table = (more: object) => standings([played("1", "a", "b", [0, 0], more)]).map(({ id, points, lost }) => [id, points, lost]);
  assert.deepEqual(table({ outcome: "walkover", winner_id: "b" }), [["b", 3, 0], ["a", 0, 1]]);
  assert.deepEqual(table({ outcome: "double_forfeit" }), [["a", 0, 1], ["b", 0, 1]]);
  assert.deepEqual(table({ outcome: "abandoned" }), [["a", 0, 0], ["b", 0, 0]]);
});

test("equal points are separated by all matches, or first by those among the equal", () => {
  const matches = [
    played("1", "a", "b", [1, 0]), played("2", "b", "c", [9, 0]), played("3", "c", "a", [1, 0]),
    played("4", "a", "d", [2, 0]), played("5", "b", "d", [1, 0]), played("6", "c", "d", [0, 1]),
  ];
  assert.equal(order(matches), "badc");
  assert.equal(order(matches, { headToHead: true }), "abdc");
});

test("a placeholder is no row", () => {
  const match = { ...played("1", "a", "b", [0, 0], { state: "scheduled" }), participants: [team("a"), { placeholder: "Winner of 2" }] };
  assert.equal(order([match as unknown as Match]), "a");
});

test("winners and losers go on once their match is decided", () => {
  const rounds = [
    { matches: [{ match_id: "s1", slots: [null, null] }, { match_id: "s2", slots: [null, null] }] },
    { matches: [{ match_id: "f", slots: [{ winner_of: "s1" }, { winner_of: "s2" }] }, { match_id: "t", slots: [{ loser_of: "s1" }, { loser_of: "s2" }] }] },
  ];
  const matches = byId(played("s1", "a", "b", [2, 1]), played("s2", "c", "d", [1, 1], { state: "live" }));
  const ids = [...advance(rounds, matches)].map(([id, slots]) => [id, ...slots.map((one) => one?.id ?? null)]);
  assert.deepEqual(ids, [["s1", null, null], ["s2", null, null], ["f", "a", null], ["t", "b", null]]);
  const both = byId(played("s1", "a", "b", [0, 0], { outcome: "double_forfeit" }));
  assert.deepEqual(advance(rounds, both).get("f"), [null, null]);
});
