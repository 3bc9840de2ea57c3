import assert from "node:assert/strict";
import { test } from "node:test";
import { gapsIn, medianAgeMs, newTrace, record } from "../trace.js";

const WELCOME = { type: "connection_established", data: { tournament_id: "cup", viewers: 7, sequence: 0, snapshot: { tournament_id: "cup", matches: [{ match_id: "m", sequence: 4 }] } } };
const score = (sequence, more) => ({ type: "score_updated", data: { match_id: "m", tournament_id: "cup", sequence, ...more } });

function traced(...messages) {
  const trace = newTrace();
  for (const message of messages) record(trace, "in", message, { atMs: 1000, serverMs: 2000 });
  return trace;
}

test("a gap is what lies between two numbers of a match, from its snapshot on", () => {
  assert.deepEqual(gapsIn(traced(WELCOME, score(5), score(6))), []);
  assert.deepEqual(gapsIn(traced(WELCOME, score(7))).map(({ missing }) => missing), [[5, 6]]);
  assert.deepEqual(gapsIn(traced(score(7), score(6), score(8))), []);
});

test("merges, windows, ages and viewers are counted, those of a batch too", () => {
  const batch = { type: "batch", data: { messages: [score(5, { merged: 3, window_ms: 800, server_time: 1900 }), score(6, { server_time: 1700 })] } };
  const trace = traced(WELCOME, batch, { type: "viewers", data: { match_id: "m", count: 9, server_time: 1990 } });
  assert.deepEqual([trace.received, trace.merged, trace.windowMs, medianAgeMs(trace)], [4, 2, 800, 300]);
  assert.deepEqual([...trace.viewers], [["cup", 7], ["m", 9]]);
  assert.deepEqual(trace.rows.map(({ sequence }) => sequence), [null, 6, 5, 0]);
});

test("a token is on no record", () => {
  const trace = newTrace();
  record(trace, "out", { type: "refresh", token: "secret" }, { atMs: 0 });
  assert.equal(trace.sent, 1);
  assert.doesNotMatch(trace.rows[0].json, /secret/);
});

test("messages of any shape, and many of them, are no harm", () => {
  const trace = traced({}, { type: 3, data: [] }, { type: "batch", data: { messages: [null, 1] } }, score("x", { merged: "y", window_ms: -0.5 }));
  assert.deepEqual([trace.merged, trace.windowMs, gapsIn(trace).length, medianAgeMs(trace)], [0, null, 0, null]);
  for (let sequence = 1; sequence < 1000; sequence++) record(trace, "in", score(sequence), { atMs: 0 });
  assert.equal(trace.rows.length, 300);
});
