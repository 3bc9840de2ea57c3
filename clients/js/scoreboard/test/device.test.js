import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { loadFavourites, loadLast, saveFavourites, saveLast } from "../device-store.js";

let items;

beforeEach(() => {
  items = new Map();
  globalThis.localStorage = { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => items.set(key, value) };
});

test("favourites are kept, and anything else in their place is none", () => {
  saveFavourites(new Set(["mexico"]));
  assert.deepEqual([...loadFavourites()], ["mexico"]);
  for (const broken of ["{", "null", "{}", "[1, null]"]) {
    items.set("scorecast-favourites", broken);
    assert.deepEqual([...loadFavourites()], []);
  }
});

test("the last scores are kept of the pages that were shown last", () => {
  for (let page = 0; page < 7; page++) saveLast(`cup-${page}/`, { atMs: page, matches: [{ match_id: "m" }, null] });
  assert.deepEqual(loadLast("cup-6/"), { atMs: 6, matches: [{ match_id: "m" }] });
  assert.deepEqual([loadLast("cup-2/")?.atMs, loadLast("cup-1/")], [2, null]);
});

test("a browser without storage keeps nothing, and shows no error", () => {
  globalThis.localStorage = { getItem: () => { throw new Error("blocked"); }, setItem: () => { throw new Error("full"); } };
  saveFavourites(new Set(["mexico"]));
  assert.equal(loadFavourites().size, 0);
  assert.equal(loadLast("cup/"), null);
});
