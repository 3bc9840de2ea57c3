import assert from "node:assert/strict";
import { test } from "node:test";
import { asOf } from "../labels.js";
import { filterNames, matchFilter } from "../match-filter.js";
import { arrange } from "../match-groups.js";

const match = (id, one, two, more = {}) => ({
  match_id: id, state: "scheduled", participants: [{ id: one, name: one }, { id: two, name: two }], ...more,
});
const MATCHES = [match("1", "México", "South Africa"), match("2", "Ghana", "Mali", { state: "postponed" }), match("3", "Mali", "Togo")];
const STRUCTURE = { groups: [{ name: "Group A", matches: ["1"] }], rounds: [{ name: "Final", matches: [{ match_id: "3" }] }] };

test("a filter is a team, a group, a round or a state, from the beginning of a word", () => {
  const found = (text) => MATCHES.filter(matchFilter(text, STRUCTURE)).map(({ match_id }) => match_id);
  const texts = ["", "mexi", "AFRICA", "group a", "group b", "final", "postp", "ali", " mali "];
  assert.deepEqual(texts.map(found), [["1", "2", "3"], ["1"], ["1"], ["1"], [], ["3"], ["2"], [], ["2", "3"]]);
  assert.equal(matchFilter("x", null)(MATCHES[0]), false);
});

test("the names to choose from are groups, rounds and teams", () => {
  assert.deepEqual(filterNames(MATCHES, STRUCTURE), ["Group A", "Final", "Ghana", "Mali", "México", "South Africa", "Togo"]);
});

test("favourites come first, among the live matches and before all days", () => {
  const isFavourite = ({ participants }) => participants.some(({ id }) => id === "Togo");
  const parts = arrange([...MATCHES, match("4", "A", "B", { state: "live" }), match("5", "Togo", "C", { state: "live" })], () => "a day", isFavourite);
  assert.deepEqual(parts.live.map(({ match_id }) => match_id), ["5", "4"]);
  const groups = parts.upcoming.map(({ day, matches }) => [day, matches.map(({ match_id }) => match_id)]);
  assert.deepEqual(groups, [[null, ["3"]], ["a day", ["1", "2"]]]);
});

test("old scores say how old they are", () => {
  const now = Date.parse("2026-06-11T19:00:00Z");
  const ages = [0, 59_999, 60_000, 3 * 3_600_000, 50 * 3_600_000].map((age) => asOf(now - age, now).split(", ").at(-1));
  assert.deepEqual(ages, ["", "", "1 min ago", "3 hr ago", "2 days ago"]);
  assert.equal(asOf(null, now), "");
});
