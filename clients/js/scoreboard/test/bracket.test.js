import assert from "node:assert/strict";
import { test } from "node:test";
import { brackets } from "../bracket.js";
import { advance, difference, standings } from "../../src/standings.ts";
import { withUndecided, hasAll, structureIn } from "../structure.js";

const team = (id) => ({ id, name: id.toUpperCase() });
const played = (match_id, one, two, score, more = {}) => ({
  match_id,
  participants: [team(one), team(two)],
  state: "completed",
  participant1_score: score[0],
  participant2_score: score[1],
  winner_id: score[0] === score[1] ? null : score[0] > score[1] ? one : two,
  ...more,
});
const open = (match_id, one, two, state = "scheduled") =>
  played(match_id, one, two, [0, 0], { state, winner_id: null });
const byId = (...matches) => new Map(matches.map((match) => [match.match_id, match]));
const order = (...matches) => standings(matches).map((row) => row.id).join("");
const namesIn = (matches, id) => matches.get(id).participants.map((one) => one.name);

test("a win is three points, a draw one, and goals count on both sides", () => {
  const [a, b, c] = standings([played("1", "a", "b", [2, 1]), played("2", "a", "c", [1, 1])]);
  assert.deepEqual(
    [a.id, a.played, a.won, a.drawn, a.lost, a.scored, a.conceded, a.points],
    ["a", 2, 1, 1, 0, 3, 2, 4],
  );
  assert.deepEqual([b.id, b.points, c.id, c.lost, difference(c)], ["c", 1, "b", 1, -1]);
});

test("equal points are separated by difference, then goals, then name", () => {
  assert.equal(order(played("1", "a", "b", [1, 0]), played("2", "c", "d", [3, 0])), "cabd");
  assert.equal(order(played("1", "a", "b", [1, 0]), played("2", "c", "d", [2, 1])), "cadb");
  assert.equal(order(played("1", "d", "c", [1, 1]), played("2", "b", "a", [1, 1])), "abcd");
});

test("points follow the outcome: both lose by a double forfeit, an abandoned match counts for nobody", () => {
  const nobody = { winner_id: null };
  const points = (...matches) => standings(matches).map(({ id, played, lost, points }) => [id, played, lost, points]);
  assert.deepEqual(points(played("1", "a", "b", [0, 0], { outcome: "walkover", winner_id: "b" })), [["b", 1, 0, 3], ["a", 1, 1, 0]]);
  assert.deepEqual(points(played("1", "a", "b", [0, 0], { outcome: "double_forfeit", ...nobody })), [["a", 1, 1, 0], ["b", 1, 1, 0]]);
  assert.deepEqual(points(played("1", "a", "b", [1, 0], { outcome: "abandoned", ...nobody })), [["a", 0, 0, 0], ["b", 0, 0, 0]]);
});

test("a team that has not played has an empty row; unfinished matches do not count", () => {
  const rows = standings([open("1", "a", "b"), open("2", "c", "d", "live"), open("3", "a", "c", "cancelled")]);
  assert.deepEqual(rows.map((row) => [row.id, row.played, row.points]), [["a", 0, 0], ["b", 0, 0], ["c", 0, 0], ["d", 0, 0]]);
});

const STRUCTURE = {
  groups: [{ name: "A", matches: ["g"] }],
  rounds: [
    { name: "Semi-final", matches: [{ match_id: "s1", slots: [null, null] }, { match_id: "s2", slots: [null, null] }] },
    { name: "Third place", matches: [{ match_id: "t", slots: [{ loser_of: "s1" }, { loser_of: "s2" }] }] },
    { name: "Final", matches: [{ match_id: "f", slots: [{ winner_of: "s2" }, { winner_of: "s1" }] }] },
  ],
};
const cup = (...changed) =>
  byId(open("g", "a", "b"), open("s1", "a", "b"), open("s2", "c", "d"), open("t", "b", "d"), open("f", "c", "a"), ...changed);

test("no name is shown in a knockout match before its participants are decided", () => {
  const shown = withUndecided(cup(), STRUCTURE);
  assert.deepEqual(namesIn(shown, "s1"), ["From the groups", "From the groups"]);
  assert.deepEqual(namesIn(shown, "f"), ["To be decided", "To be decided"]);
});

test("once the groups are over, the final is between the semi-finalists", () => {
  const shown = withUndecided(cup(played("g", "a", "b", [1, 0])), STRUCTURE);
  assert.deepEqual(namesIn(shown, "s1"), ["A", "B"]);
  assert.deepEqual(namesIn(shown, "f"), ["C or D", "A or B"]);
});

test("a slot is filled when its deciding match is over", () => {
  const shown = withUndecided(cup(played("g", "a", "b", [1, 0]), played("s2", "c", "d", [2, 0])), STRUCTURE);
  assert.deepEqual(namesIn(shown, "f"), ["C", "A or B"]);
  assert.deepEqual(namesIn(shown, "t"), ["A or B", "D"]);
});

test("a match that has begun shows its names, whatever the structure says", () => {
  assert.deepEqual(namesIn(withUndecided(cup(open("f", "c", "a", "live")), STRUCTURE), "f"), ["C", "A"]);
  assert.deepEqual(namesIn(withUndecided(cup(), null), "f"), ["C", "A"]);
});

const drawn = (structure, matches) =>
  brackets(structure, matches).map(({ kind, rounds }) => [kind, ...rounds.map((round) => `${round.name}: ${round.matches.map((one) => one.match_id).join()}`)]);

test("teams that meet next are adjacent in the bracket", () => {
  assert.deepEqual(drawn(STRUCTURE, cup()), [["upper", "Semi-final: s2,s1", "Final: f"], ["third", "Third place: t"]]);
});

test("unknown matches and empty rounds are left out of the bracket", () => {
  assert.deepEqual(drawn(STRUCTURE, byId(open("s1", "a", "b"))), [["upper", "Semi-final: s1"]]);
});

test("a double elimination has an upper and a lower bracket, then the final", () => {
  const slots = (one, two) => [one, two].map((slot) => (slot ? { [slot[0] === "-" ? "loser_of" : "winner_of"]: slot.replace("-", "") } : null));
  const round = (name, ...matches) => ({ name, matches: matches.map(([match_id, one, two]) => ({ match_id, slots: slots(one, two) })) });
  const structure = structureIn({ rounds: [
    round("WB1", ["a"], ["b"], ["c"], ["d"]), round("WB2", ["e", "a", "b"], ["f", "c", "d"]), round("WBF", ["g", "e", "f"]),
    round("LB1", ["h", "-a", "-b"], ["i", "-c", "-d"]), round("LB2", ["j", "-f", "h"], ["k", "-e", "i"]), round("LB3", ["l", "j", "k"]),
    round("LBF", ["m", "-g", "l"]), round("GF", ["n", "g", "m"]), round("Reset", ["o", "n", "-n"]),
  ] });
  const matches = byId(..."abcdefghijklmno".split("").map((id) => open(id, "x", "y")));
  assert.deepEqual(drawn(structure, matches), [
    ["upper", "WB1: a,b,c,d", "WB2: e,f", "WBF: g"],
    ["lower", "LB1: h,i", "LB2: j,k", "LB3: l", "LBF: m"],
    ["final", "GF: n", "Reset: o"],
  ]);
});

test("a tournament is complete when groups and rounds are listed", () => {
  assert.equal(hasAll(cup(), STRUCTURE), true);
  for (const id of ["g", "f"]) {
    const matches = cup();
    matches.delete(id);
    assert.equal(hasAll(matches, STRUCTURE), false);
  }
});

test("unknown parts of a bracket event are ignored", () => {
  const groups = [{ name: "A", matches: ["g", 7, null] }, null, { name: "B", matches: [{}] }];
  const rounds = [{ name: "Final", matches: [null, { match_id: "f" }, { match_id: 3 }] }];
  assert.deepEqual(structureIn({ groups, rounds, sequence: 1 }), {
    groups: [{ name: "A", matches: ["g"] }],
    rounds: [{ name: "Final", matches: [{ match_id: "f", slots: [null, null] }] }],
  });
});

test("invalid structures give null", () => {
  for (const odd of [null, {}, { groups: 3, rounds: "x" }, { groups: [{ name: "A" }], rounds: [null] }]) {
    assert.equal(structureIn(odd), null);
  }
});

test("who has won their match stands for a participant that is registered without an id", () => {
  const { participants: [, rival], ...final } = open("f", "c", "a");
  const matches = cup(played("s2", "c", "d", [1, 0]), { ...final, participants: [{ placeholder: "Winner of s2" }, rival] });
  const shown = withUndecided(matches, STRUCTURE, advance(STRUCTURE.rounds, matches));
  assert.deepEqual(shown.get("f").participants.map((one) => one.id), ["c", undefined]);
});
