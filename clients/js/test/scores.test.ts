/** Scores and clocks are read the same everywhere. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { elapsedMs, formatScore } from "#scores";
import { withEvent, withSnapshot } from "#reducer";
import type { Match } from "#reducer";

const CLOCK = { period: "2nd half", running: true, elapsed_ms: 60_000, at: 1_000_000 };

test("a running clock is ahead by the server's time since it was right", () => {
  assert.equal(elapsedMs(CLOCK, 1_005_000), 65_000);
  assert.equal(elapsedMs({ ...CLOCK, running: false }, 1_005_000), 60_000);
  assert.equal(elapsedMs(CLOCK, 999_000), 60_000, "a server's clock that is behind");
  assert.equal(elapsedMs(null, 0), null);
  assert.equal(elapsedMs({ elapsed_ms: NaN }, 0), null);
});

test("M9: a score has the decimal places that its scale says", () => {
  const chess = { scale: 1, negative: false, unit: "points" };
  assert.equal(formatScore(5, chess, "en"), "0.5");
  assert.equal(formatScore(15, chess, "de"), "1,5");
  assert.equal(formatScore(10, chess, "en"), "1");
  assert.equal(formatScore(-3, { ...chess, scale: 0 }, "en"), "−3");
  assert.equal(formatScore(1_234_567_890, null, "en"), "1,234,567,890");
});

const STANDS = {
  periods: [{ name: "Set 1", participant1_score: 6, participant2_score: 4, final: true }],
  clock: CLOCK,
  shootout: { participant1_score: 1, participant2_score: 0 },
};
const match = (more: object = {}): Match => ({
  match_id: "m1", state: "live", sequence: 1, participant1_score: 0, participant2_score: 0, details: null, ...more,
});
const event = (type: string, data: object) => ({ type, data: { match_id: "m1", sequence: 2, ...data } });
const score = { participant1_score: 1, participant2_score: 0, details: null };
const standing = ({ periods, clock, shootout }: Match) => JSON.stringify({ periods, clock, shootout });

test("M8: what stands beside a score comes and goes with it", () => {
  const shown = withEvent(match(), event("score_updated", { ...score, ...STANDS }))!;
  assert.equal(standing(shown), JSON.stringify(STANDS));
  assert.equal(standing(withEvent(match(STANDS), event("score_updated", score))!), "{}", "removed");
  assert.equal(standing(withEvent(match(STANDS), event("match_state_changed", { new_state: "paused" }))!), JSON.stringify(STANDS));
  assert.equal(standing(withSnapshot(match(STANDS), match({ sequence: 3 }))), "{}");
});

test("a brief snapshot of the same event leaves what is known", () => {
  const { details, ...brief } = match();
  assert.equal(standing(withSnapshot(match(STANDS), brief as Match)), JSON.stringify(STANDS));
});

test("metadata and scoring that are registered no more are gone", () => {
  const known = match({ metadata: { venue: "Hall 2" }, scoring: { scale: 1 } });
  const updated = withEvent(known, event("match_updated", { participants: [], scheduled_at: null }))!;
  assert.deepEqual([updated.metadata, updated.scoring], [undefined, undefined]);
});
