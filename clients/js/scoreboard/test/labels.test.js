import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange } from "../match-groups.js";
import { notice, statusText } from "../connection-status.js";
import { chooseLanguage, setLanguage, t } from "../i18n.js";
import { announcements, badge, documentTitle, nameOf, note, penaltiesText, scoreText, summary, timelineText } from "../labels.js";

const match = (more) => ({
  match_id: "m1",
  participants: [{ id: "mexico", name: "Mexico" }, { id: "ghana", name: "Ghana" }],
  scheduled_at: "2026-06-11T13:00:00-06:00",
  state: "live",
  participant1_score: 1,
  participant2_score: 0,
  details: null,
  ...more,
});
const stateOf = (one) => ({ matches: new Map([[one.match_id, one]]) });

test("a goal's note has minute, scorer and kind, as far as they are known", () => {
  const goal = (details) => note(match({ details }));
  assert.equal(goal({ minute: "90+4", scorer: "Ann", kind: "own_goal" }), "90+4′ Ann (own goal)");
  assert.equal(goal({ minute: 9, scorer: "Ann", kind: "penalty" }), "9′ Ann (pen.)");
  assert.equal(goal({ scorer: "Ann", kind: "goal" }), "Ann");
  assert.equal(goal(null), "");
});

test("a result explains extra time and penalties only", () => {
  const ended = (details) => match({ state: "completed", details });
  const normal = ended({ full_time: [2, 0], half_time: [1, 0], extra_time: null });
  assert.deepEqual([badge(normal), note(normal)], ["FT", ""]);
  const extra = ended({ full_time: [1, 1], extra_time: [3, 1] });
  assert.deepEqual([badge(extra), note(extra)], ["AET", "1–1 at full time, 3–1 after extra time"]);
  const shots = ended({ full_time: [0, 0], extra_time: [0, 0], penalties: [4, 3] });
  assert.deepEqual([badge(shots), note(shots)], ["Pens", "0–0 at full time, 4–3 on penalties"]);
});

test("details of any other shape are ignored", () => {
  const odd = match({ state: "completed", details: { extra_time: "1-0", penalties: [1, "<b>"] } });
  assert.deepEqual([badge(odd), note(odd)], ["FT", ""]);
});

test("a change of score or state is announced, nothing else", () => {
  const before = stateOf(match());
  const goal = stateOf(match({ participant2_score: 1, details: { minute: 9, scorer: "Ann" } }));
  assert.deepEqual(announcements(before, goal), ["Mexico 1, Ghana 1, 9′ Ann."]);
  assert.deepEqual(announcements(before, stateOf(match({ state: "completed" }))), [
    "Final result: Mexico 1, Ghana 0.",
  ]);
  assert.deepEqual(announcements(before, stateOf(match({ sequence: 9 }))), []);
  assert.deepEqual(announcements({ matches: new Map() }, goal), []);
});

test("each state of the connection has a text", () => {
  const status = { phase: "live", reason: null, retryAtMs: null, isStale: false, lastMessageAtMs: 1000 };
  const words = (change, nowMs) => statusText({ ...status, ...change }, nowMs);
  assert.equal(words({}, 0), "Live");
  assert.equal(words({ isStale: true }, 0), "No signal");
  assert.equal(words({ phase: "connecting", lastMessageAtMs: null }, 0), "Connecting…");
  assert.equal(words({ phase: "connecting" }, 0), "Reconnecting…");
  assert.equal(words({ phase: "waiting" }, 3999), "Reconnecting in 4 s");
  assert.equal(words({ phase: "polling" }, 0), "Every few seconds");
  assert.equal(words({ phase: "polling", isStale: true }, 0), "No signal");
  assert.equal(words({ phase: "closed" }, 0), "Closed");
});

test("a notice is shown only while there is something to know", () => {
  const status = { phase: "live", reason: null, isStale: false, lastMessageAtMs: 1000 };
  assert.equal(notice(status, true), "");
  assert.match(notice({ ...status, isStale: true }, true), /out of date/);
  assert.match(notice(status, false), /offline/);
  const polling = { ...status, phase: "polling", reason: "room_full" };
  assert.match(notice(polling, true), /every few seconds/);
  assert.match(notice({ ...polling, isStale: true }, true), /out of date/);
  assert.match(notice(polling, false), /offline/);
  assert.match(notice({ ...status, phase: "closed", reason: "token_expired" }, true), /expired/);
  assert.match(notice({ ...status, phase: "closed", reason: "toString" }, true), /closed/);
});

test("each state of a match has a badge", () => {
  const badges = ["live", "paused", "disputed", "postponed", "cancelled"].map((state) => badge(match({ state })));
  assert.deepEqual(badges, ["Live", "Paused", "Disputed", "Postponed", "Cancelled"]);
});

test("a match that was not played says how it ended, without a score", () => {
  const walkover = match({ state: "completed", outcome: "walkover", participant1_score: 0, participant2_score: 0 });
  assert.deepEqual([badge(walkover), scoreText(walkover, 0)], ["Walkover", ""]);
  assert.equal(scoreText({ ...walkover, participant1_score: 3 }, 1), "0");
  assert.equal(scoreText({ ...walkover, outcome: "played" }, 0), "0");
  assert.equal(scoreText({ ...walkover, outcome: "retired" }, 0), "0");
});

test("an amended result is announced, and so is an end that was taken back", () => {
  const ended = match({ state: "completed", winner_id: "mexico", participant1_score: 1 });
  const stateOf = (one) => ({ matches: new Map([["m1", one]]) });
  assert.deepEqual(announcements(stateOf(ended), stateOf({ ...ended, participant1_score: 0, sequence: 9 })), [
    "Result amended: Mexico 0, Ghana 0.",
  ]);
  assert.deepEqual(announcements(stateOf(ended), stateOf({ ...ended, sequence: 9, open_disputes: 1 })), []);
  assert.deepEqual(announcements(stateOf(ended), stateOf({ ...ended, state: "live", sequence: 9 })), ["Live: Mexico 1, Ghana 0."]);
});

test("an invalid link and a match that is not announced have different notices", () => {
  const status = { phase: "closed", reason: "bad_match", isStale: false, lastMessageAtMs: null };
  assert.match(notice(status, true), /does not name a match/);
  assert.match(notice({ ...status, phase: "waiting", reason: "no_match" }, true), /no such match yet/);
});

test("a goal in the timeline has its minute, side and scorer", () => {
  const row = { kind: "goal", side: 1, score: [1, 1], details: { minute: 67, scorer: "Ann" }, atMs: 0 };
  assert.deepEqual(timelineText(row, match()), { when: "67′", at: timelineText({ ...row, details: null }, match()).when, team: "Ghana: ", what: "Ann", by: "", score: "1–1" });
  assert.equal(timelineText({ ...row, details: null }, match()).what, "Goal");
  assert.equal(timelineText({ ...row, user: "bob" }, match()).by, "reported by bob");
});

test("other rows show the time of day, and the score only at the end", () => {
  const change = { kind: "changed", from: "disputed", to: "live", score: [1, 0], atMs: 0 };
  assert.match(timelineText(change, match()).when, /^\d\d:\d\d$/);
  assert.equal(timelineText(change, match()).what, "Dispute settled, match resumed");
  assert.equal(timelineText(change, match()).score, "");
  const details = { full_time: [1, 1], penalties: [4, 3] };
  const end = timelineText({ kind: "completed", score: [1, 1], details, atMs: 0 }, match());
  assert.deepEqual([end.what, end.score], ["Final result: 1–1 at full time, 4–3 on penalties", "1–1"]);
});

test("a match that was not played ends without a score, one that was has both", () => {
  const end = (score) => timelineText({ kind: "completed", outcome: "walkover", score, atMs: 0 }, match({ state: "completed" }));
  assert.deepEqual([end([0, 0]).what, end([0, 0]).score], ["Final result: Walkover", ""]);
  assert.deepEqual([end([3, 0]).what, end([3, 0]).score], ["Final result: Walkover", "3–0"]);
});

test("matches are listed as live, next, later and finished, by day", () => {
  const at = (match_id, day, state = "scheduled") =>
    match({ match_id, state, scheduled_at: `2026-06-${day}T12:00:00Z` });
  const upcoming = Array.from({ length: 14 }, (_, index) => at(`u${index}`, 15 + index));
  const others = [at("f1", 11, "completed"), at("f2", 12, "cancelled"), at("l1", 13, "paused")];
  const parts = arrange([...others, ...upcoming], (time) => time.slice(8, 10));
  const ids = (groups) => groups.flatMap((group) => group.matches.map((one) => one.match_id));
  assert.deepEqual(parts.live.map((one) => one.match_id), ["l1"]);
  assert.deepEqual(ids(parts.upcoming), Array.from({ length: 12 }, (_, index) => `u${index}`));
  assert.deepEqual(ids(parts.later), ["u12", "u13"]);
  assert.deepEqual(parts.finished.map((group) => group.day), ["12", "11"]);
});

test("the summary counts the matches played", () => {
  assert.equal(summary([match(), match({ state: "completed" })]), "1 of 2 matches played");
  assert.equal(summary([match({ state: "completed" })]), "All matches played");
  assert.match(summary([]), /as soon as/);
});

test("a live match shows its latest goal and the shoot-out", () => {
  const live = match({ details: { minute: 120, scorer: "Ann", penalties: [3, 2] } });
  assert.equal(note(live), "120′ Ann · 3–2 on penalties");
  assert.deepEqual([0, 1].map((side) => penaltiesText(live, side)), ["(3)", "(2)"]);
  const other = match({ shootout: { participant1_score: 1, participant2_score: 0 }, details: null });
  assert.equal(note(other), "1–0 on penalties");
});

test("sets, clock, outcome, scale and placeholders are shown as they are kept", () => {
  const periods = [[6, 4], [3, 6]].map(([one, two]) => ({ name: "Set", participant1_score: one, participant2_score: two }));
  assert.equal(note(match({ periods })), "6–4  3–6");
  const kept = { period: "2H", running: true, elapsed_ms: 66 * 60_000, at: 1_000 };
  assert.equal(badge(match({ clock: kept }), 61_000), "2H · 68′");
  assert.equal(badge(match({ clock: { ...kept, running: false } }), 9e9), "2H · 67′");
  assert.equal(badge(match({ state: "completed", outcome: "walkover" })), "Walkover");
  assert.deepEqual([badge(match({ state: "postponed" })), scoreText(match({ state: "postponed" }), 0)], ["Postponed", ""]);
  assert.equal(badge(match({ state: "scheduled", scheduled_at: null })), "TBD");
  const chess = match({ participant1_score: 5, scoring: { scale: 1 } });
  assert.deepEqual([scoreText(chess, 0), scoreText(match({ participant1_score: 1_234_567 }), 0)], ["0.5", "1,234,567"]);
  const open = match({ participants: [{ placeholder: "Winner of QF1" }, { bye: true }] });
  assert.deepEqual([nameOf(open, 0), nameOf(open, 1), nameOf(match({ participants: [] }), 0)], ["Winner of QF1", "Bye", "To be decided"]);
});

test("a match's title begins with its score", () => {
  assert.equal(documentTitle(match()), "1–0 · Mexico v Ghana · Live");
  assert.equal(documentTitle(match({ state: "scheduled" })), "Mexico v Ghana");
});

test("the language is the first wanted one with a catalog", () => {
  assert.equal(chooseLanguage([null, "fr-FR", "es-AR", "de"]), "es");
  assert.equal(chooseLanguage(["fr"]), "en");
});

test("every text exists in every language, with the same placeholders", async () => {
  const catalogs = {};
  for (const code of ["en", "de", "es"]) catalogs[code] = (await import(`../catalogs/${code}.js`)).default;
  const shape = (text) => JSON.stringify(typeof text === "object" ? Object.keys(text) : text.match(/\{\w+\}/g)?.sort());
  for (const code of ["de", "es"]) {
    assert.deepEqual(Object.keys(catalogs[code]).sort(), Object.keys(catalogs.en).sort());
    for (const [key, text] of Object.entries(catalogs.en)) assert.equal(shape(catalogs[code][key]), shape(text), `${code}: ${key}`);
  }
});

test("texts, numbers and plurals follow the language", async () => {
  await setLanguage("de");
  assert.equal(t("watching", { count: 12_345 }), "12.345 sehen zu");
  assert.equal(t("watching", { count: 1 }), "1 sieht zu");
  await setLanguage("en");
  assert.equal(t("watching", { count: 12_345 }), "12,345 watching");
});

test("a refused connection says which limit was reached", () => {
  const sentence = (reason, phase = "waiting") => notice({ phase, reason, isStale: false, lastMessageAtMs: null }, true);
  assert.match(sentence("connection_limit_exceeded", "closed"), /too many pages open/);
  assert.match(sentence("ip_connection_limit_exceeded"), /from your network/);
  assert.match(sentence("ip_rate_limit_exceeded"), /from your network/);
  assert.match(sentence("http_429"), /from your network/);
  assert.match(sentence("handshake_refused"), /too many pages may be open/);
  assert.match(sentence("unreachable"), /cannot be reached/);
});

test("M9: half points, sets and corrections are shown as people count them", () => {
  const chess = { scoring: { scale: 1 }, state: "live", participant1_score: 5, participant2_score: 15 };
  assert.deepEqual([scoreText(chess, 0), scoreText(chess, 1)], ["0.5", "1.5"]);
  const row = { kind: "score", isCorrection: true, score: [5, 15], details: null, atMs: 0 };
  assert.equal(timelineText(row, chess).score, "0.5–1.5");
  const period = (one, two) => ({ name: "Set", participant1_score: one, participant2_score: two, final: true });
  assert.equal(note({ state: "live", periods: [period(6, 4), period(2, 3)] }), "6–4  2–3");
});

test("M9: a placeholder and a bye have their own texts", () => {
  const match = { participants: [{ placeholder: "Winner of QF1" }, { bye: true }] };
  assert.deepEqual([nameOf(match, 0), nameOf(match, 1)], ["Winner of QF1", "Bye"]);
});

test("M8: the clock in the badge runs by the server's time", () => {
  const clock = { period: "H2", running: true, elapsed_ms: 30 * 60_000, at: 1_000_000 };
  assert.equal(badge({ state: "live", clock }, 1_060_000), "H2 · 32′");
  assert.equal(badge({ state: "live", clock: { ...clock, running: false } }, 1_060_000), "H2 · 31′");
});
