import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { actedOn } from "../command-log.js";
import { commandLog, forgetCommands, giveCommand, hasOpenCommands, onCommandsChange, startCommands } from "../commands.js";

const kept = new Map();
globalThis.sessionStorage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => kept.set(key, value),
};
const match = { match_id: "m1", participants: [{ id: "p1" }, { id: "p2" }], participant1_score: 0, participant2_score: 0, revision: 1 };
const lost = Object.assign(new Error("lost"), { name: "ConnectionLost", sent: true });
const settled = () => new Promise((resume) => setImmediate(resume));

/** Answers that are given in turn, and what was sent. */
function fakeOfficial(...answers) {
  const sent = [];
  const reportScore = async (id, score, { updateId, baseRevision }) => {
    sent.push({ score: score.join("–"), updateId, baseRevision });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return { revision: answer };
  };
  return { sent, reportScore, start: async () => ({ revision: 0 }) };
}

function tap() {
  return giveCommand("m1", "score", { ...actedOn(commandLog(), match, { kind: "points", by: [1, 0] }), details: null }, "a tap");
}

const statuses = () => commandLog().map(({ status }) => status);

beforeEach(() => {
  onCommandsChange(() => null);
  forgetCommands();
});

test("a score is sent again as the same one, and the next one waits for its revision", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const official = fakeOfficial(lost, 2, 3);
  startCommands({ official, whenLive: async () => null });
  tap();
  tap();
  await settled();
  assert.equal(official.sent.length, 1);
  mock.timers.tick(2_000);
  await settled();
  const [first, again, second] = official.sent;
  assert.deepEqual(again, first);
  assert.deepEqual([second.score, second.baseRevision], ["2–0", 2]);
  assert.notEqual(second.updateId, first.updateId);
  assert.deepEqual(statuses(), ["done", "done"]);
  mock.timers.reset();
});

test("what is unsent is sent after a reload, in order and with the same ids", async () => {
  startCommands({ official: fakeOfficial(), whenLive: () => new Promise(() => null) });
  tap();
  tap();
  await settled();
  const ids = commandLog().map(({ id }) => id);
  const stored = kept.get("scorecast-commands");
  forgetCommands();
  const official = fakeOfficial(2, 3);
  // of another match, since this process still waits for what it has sent of the first
  kept.set("scorecast-commands", stored.replaceAll('"m1"', '"m2"'));
  startCommands({ official, whenLive: async () => null });
  await settled();
  assert.deepEqual(official.sent.map(({ updateId }) => updateId), ids);
  assert.deepEqual(official.sent.map(({ score }) => score), ["1–0", "2–0"]);
  assert.equal(hasOpenCommands(), false);
});

test("nothing more is taken when too much is unsent", async () => {
  startCommands({ official: fakeOfficial(), whenLive: () => new Promise(() => null) });
  const taken = Array.from({ length: 41 }, () => giveCommand("m3", "score", { ...actedOn([], { ...match, match_id: "m3" }, { kind: "points", by: [1, 0] }) }, ""));
  assert.deepEqual([taken[39], taken[40]], [true, false]);
});
