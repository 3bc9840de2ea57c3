import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const steps = () => new Promise((resume) => setImmediate(resume));

let locks; // each that was granted, oldest first
let isRefused;
let document_;
let keepAwake;

/** A lock as browsers give it: released by the page, or by the browser when the page is hidden. */
class FakeLock extends EventTarget {
  isReleased = false;

  async release() {
    this.isReleased = true;
    this.dispatchEvent(new Event("release"));
  }
}

async function request() {
  if (isRefused) throw new DOMException("low battery", "NotAllowedError");
  locks.push(new FakeLock());
  return locks.at(-1);
}

function become(visibilityState) {
  document_.visibilityState = visibilityState;
  document_.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(async (context) => {
  [locks, isRefused] = [[], false];
  document_ = Object.assign(new EventTarget(), { visibilityState: "visible" });
  globalThis.document = document_;
  Object.defineProperty(globalThis, "navigator", { value: { wakeLock: { request } }, configurable: true });
  ({ keepAwake } = await import(`../wake-lock.js?${encodeURIComponent(context.name)}`)); // its state is its own
});

const held = () => locks.filter(({ isReleased }) => !isReleased).length;

test("the screen stays on while it is wanted, with one lock however often it is asked for", async () => {
  keepAwake(true);
  keepAwake(true);
  await steps();
  keepAwake(true);
  assert.equal(locks.length, 1);
  await keepAwake(false);
  assert.equal(held(), 0);
});

test("a lock that the browser took with the page is asked for again when the page is back", async () => {
  keepAwake(true);
  await steps();
  await locks[0].release();
  become("hidden");
  await steps();
  assert.equal(held(), 0);
  become("visible");
  await steps();
  assert.equal(held(), 1);
});

test("a lock that comes after the match was left is released", async () => {
  keepAwake(true);
  keepAwake(false);
  await steps();
  assert.deepEqual([locks.length, held()], [1, 0]);
});

test("a lock that is wanted again before it comes is kept", async () => {
  for (const wanted of [true, false, true]) keepAwake(wanted);
  await steps();
  assert.equal(held(), 1);
});

test("a page without a match asks for nothing when it is shown", async () => {
  become("visible");
  await steps();
  assert.equal(locks.length, 0);
});

test("a refusal is no error, and is asked again", async () => {
  isRefused = true;
  keepAwake(true);
  await steps();
  isRefused = false;
  keepAwake(true);
  await steps();
  assert.equal(held(), 1);
});

test("a browser without wake locks is none the worse", async () => {
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  keepAwake(true);
  await steps();
  await keepAwake(false);
});
