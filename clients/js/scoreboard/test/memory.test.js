import assert from "node:assert/strict";
import { test } from "node:test";
import { keep, keepToken, keptToken, recall } from "../memory.js";

function withStorage(storage) {
  Object.defineProperty(globalThis, "sessionStorage", { configurable: true, get: storage });
}

test("what is kept is there for the next page, and a token can be forgotten", () => {
  const kept = new Map();
  const getItem = (key) => kept.get(key) ?? null;
  const storage = { getItem, setItem: (key, text) => kept.set(key, text), removeItem: (key) => kept.delete(key) };
  withStorage(() => storage);
  keep(new Map([["m1", [1]]]));
  keep(new Map([["m2", [2]]]));
  assert.deepEqual(recall(["m1", "m3"]), [{ match_id: "m1", events: [1] }]);
  keepToken("secret");
  assert.equal(keptToken(), "secret");
  keepToken(null);
  assert.equal(keptToken(), null);
});

test("a browser that keeps nothing takes nothing away", () => {
  withStorage(() => {
    throw new Error("The operation is insecure.");
  });
  keep(new Map([["m1", []]]));
  keepToken("secret");
  assert.deepEqual([recall(["m1"]), keptToken()], [[], null]);
});
