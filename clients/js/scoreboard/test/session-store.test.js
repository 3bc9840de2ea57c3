import assert from "node:assert/strict";
import { test } from "node:test";
import { loadHistories, loadToken, saveHistories, saveToken } from "../session-store.js";

function withStorage(storage) {
  Object.defineProperty(globalThis, "sessionStorage", { configurable: true, get: storage });
}

test("stored histories and tokens survive a page, and a token can be removed", () => {
  const kept = new Map();
  const getItem = (key) => kept.get(key) ?? null;
  const storage = { getItem, setItem: (key, text) => kept.set(key, text), removeItem: (key) => kept.delete(key) };
  withStorage(() => storage);
  saveHistories(new Map([["m1", [1]]]));
  saveHistories(new Map([["m2", [2]]]));
  assert.deepEqual(loadHistories(["m1", "m3"]), [{ match_id: "m1", events: [1] }]);
  saveToken("secret");
  assert.equal(loadToken(), "secret");
  saveToken(null);
  assert.equal(loadToken(), null);
});

test("blocked storage is not an error", () => {
  withStorage(() => {
    throw new Error("The operation is insecure.");
  });
  saveHistories(new Map([["m1", []]]));
  saveToken("secret");
  assert.deepEqual([loadHistories(["m1"]), loadToken()], [[], null]);
});
