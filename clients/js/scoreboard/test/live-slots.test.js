import assert from "node:assert/strict";
import { test } from "node:test";
import { assignSlots } from "../live-slots.js";
import { colours, initials } from "../teams.js";

test("a card keeps its place, and a new match takes that of one that has ended", () => {
  const first = assignSlots([], ["a", "b"]);
  assert.deepEqual(first, ["a", "b"]);
  const ended = assignSlots(first, ["b"]);
  assert.deepEqual(ended, ["a", "b"]);
  assert.deepEqual(assignSlots(ended, ["b", "c"]), ["c", "b"]);
  assert.deepEqual(assignSlots(ended, ["b", "c", "d"]), ["c", "b", "d"]);
});

test("initials are of the words of a name in any script", () => {
  assert.deepEqual(["Mexico", "Bosnia and Herzegovina", "Łódź", "日本", "النادي الأهلي المصري", "", "🙂"].map(initials), ["MEX", "BAH", "ŁÓD", "日本", "نأم", "?", "?"]);
});

test("a crest has the colour of the metadata, with a text that can be read on it", () => {
  assert.deepEqual(colours({ metadata: { colour: "#ffee00" } }), { background: "#ffee00", text: "#000" });
  assert.deepEqual(colours({ metadata: { colour: "#102040" } }), { background: "#102040", text: "#fff" });
  assert.match(colours({ id: "mexico", metadata: { colour: "red; x" } }).background, /^hsl\(\d+ 45% 30%\)$/);
});
