import assert from "node:assert/strict";
import { test } from "node:test";
import { withJitter } from "../api.js";

test("a delay is at least what was asked for, less than twice as long, and varies", () => {
  const waits = Array.from({ length: 100 }, () => withJitter(1000));
  assert.ok(waits.every((wait) => wait >= 1000 && wait < 2000));
  assert.ok(new Set(waits).size > 1);
});
