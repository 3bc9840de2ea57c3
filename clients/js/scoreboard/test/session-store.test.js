import assert from "node:assert/strict";
import { test } from "node:test";
import { loadTimelines, loadToken, saveTimelines, saveToken } from "../session-store.js";

const event = (sequence) => ({ type: "match_started", data: { sequence } });

function withStorage(storage) {
  Object.defineProperty(globalThis, "sessionStorage", { configurable: true, get: storage });
}

test("stored histories and tokens survive a page, and a token can be removed", () => {
  const kept = new Map();
  const getItem = (key) => kept.get(key) ?? null;
  const storage = { getItem, setItem: (key, text) => kept.set(key, text), removeItem: (key) => kept.delete(key) };
  withStorage(() => storage);
  saveTimelines(new Map([["m1", [event(1)]]]));
  saveTimelines(new Map([["m2", [event(2)]]]));
  assert.deepEqual(loadTimelines(["m1", "m3"]), [["m1", [event(1)]]]);
  saveToken("secret");
  assert.equal(loadToken(), "secret");
  saveToken(null);
  assert.equal(loadToken(), null);
});

test("blocked storage is not an error", () => {
  withStorage(() => {
    throw new Error("The operation is insecure.");
  });
  saveTimelines(new Map([["m1", []]]));
  saveToken("secret");
  assert.deepEqual([loadTimelines(["m1"]), loadToken()], [[], null]);
});
