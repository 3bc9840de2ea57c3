import assert from "node:assert/strict";
import { test } from "node:test";
import { about } from "../api.js";

test("a wait is never shorter than was asked for, nor twice as long, and not the same for all", () => {
  const waits = Array.from({ length: 100 }, () => about(1000));
  assert.ok(waits.every((wait) => wait >= 1000 && wait < 2000));
  assert.ok(new Set(waits).size > 1);
});
