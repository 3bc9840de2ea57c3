import assert from "node:assert/strict";
import { test } from "node:test";
import { claimsIn, holderText, roleIn } from "../token-claims.js";
import {
  actedOn, added, again, currentPlay, detailsWith, isFull, isMinute, isOpen, isUnlikely, permitted, reapplied, rebased,
  restored, settled, settledBase, storedPlay,
} from "../command-log.js";
import { outcomeOf } from "../error-messages.js";

const base64url = (text) => Buffer.from(text).toString("base64url");
const tokenOf = (claims) => `${base64url("{}")}.${base64url(JSON.stringify(claims))}.sig`;
const match = (more = {}) => ({
  match_id: "m1",
  participants: [{ id: "p1" }, { id: "p2" }],
  participant1_score: 1,
  participant2_score: 0,
  revision: 3,
  ...more,
});
const playOf = (...score) => ({ score, periods: [], clock: null, shootout: null });
const tap = (id, ...score) => ({ id, kind: "score", matchId: "m1", play: playOf(...score), changes: {}, previous: null });
/** The log with another tap of one goal for the first side, as the page makes it. */
const tapped = (log, id, by = [1, 0]) => added(log, { ...tap(id), ...actedOn(log, match(), { kind: "points", by }) });
const done = (revision, score) => ({ status: "done", sentence: "", known: { revision, play: playOf(...score) } });
const scoreNow = (log, ...more) => currentPlay(log, match(...more)).score;
const refused = (code, data = {}, retryAfterMs = null) => ({ name: "CommandRefused", code, data, retryAfterMs });
const sentence = (error, entry = {}) => outcomeOf(error, entry).sentence;

test("a token's claims are read, names in any script too", () => {
  const claims = claimsIn(tokenOf({ sub: "o1", name: "Añé 石", exp: 2, tournaments: ["t1"] }));
  assert.deepEqual(claims, { userId: "o1", name: "Añé 石", role: null, tournaments: ["t1"], matches: [], expiresAtMs: 2000 });
});

test("an invalid token has no claims", () => {
  const odd = ["", "abc", "a.b.c", tokenOf({ sub: "o1" }), tokenOf({ exp: 2 }), tokenOf([]), `x.${base64url("null")}.y`];
  for (const token of odd) assert.equal(claimsIn(token), null, token);
});

test("the role is the highest of claims, tournament and match", () => {
  const tournament = { id: "t1", organizers: ["o1"] };
  const roleOf = (claims) => roleIn({ userId: "u", role: null, tournaments: [], matches: [], ...claims }, match(), tournament);
  assert.equal(roleOf({ role: "admin" }), "official");
  assert.equal(roleOf({ role: "service" }), "official");
  assert.equal(roleOf({ role: "organizer" }), "spectator");
  assert.equal(roleOf({ userId: "o1" }), "official");
  assert.equal(roleOf({ tournaments: ["t1"] }), "official");
  assert.equal(roleOf({ matches: ["m1"] }), "official");
  assert.equal(roleOf({ matches: ["m2"] }), "spectator");
  assert.equal(roleOf({ userId: "p2" }), "participant");
  assert.equal(roleOf({}), "spectator");
});

test("the holder text names the expiry, with the day if it is far away", () => {
  const words = { clock: () => "21:05", dateAndClock: () => "29 Nov, 21:05" };
  const holder = (expiresAtMs) => holderText({ name: "Ann", role: "admin", expiresAtMs }, 0, words);
  assert.equal(holder(3_600_000), "Ann (admin), until 21:05");
  assert.equal(holder(90_000_000), "Ann (admin), until 29 Nov, 21:05");
  assert.match(holder(0), /expired/);
});

test("taps build on the pending score, so that two quick ones are two goals", () => {
  assert.deepEqual(scoreNow(tapped(tapped([], "a"), "b")), [3, 0]);
});

test("an accepted score is shown until the match is newer", () => {
  const log = settled(added([], tap("a", 2, 0)), "a", done(4, [2, 0]));
  assert.deepEqual(scoreNow(log), [2, 0]);
  assert.deepEqual(scoreNow(log, { revision: 5, participant1_score: 7 }), [7, 0]);
  assert.deepEqual(scoreNow(log, { match_id: "m2" }), [1, 0]);
});

test("a stale score shows the stored one, in the match's units", () => {
  const stored = { match_id: "m1", revision: 6, participant1_score: 4, participant2_score: 2 };
  const outcome = outcomeOf(refused("stale", stored), tap("a", 2, 0));
  assert.match(outcome.sentence, /4–2 is already stored/);
  assert.match(sentence(refused("conflict", { ...stored, participant1_score: 5 }), { scoring: { scale: 1 } }), /0.5–0.2 was stored/);
  const log = settled(added([], tap("a", 2, 0)), "a", outcome);
  assert.equal(log[0].status, "refused");
  assert.deepEqual(scoreNow(log), [4, 2]);
});

test("a tap is sent upon the score that its official saw", () => {
  const baseIn = (log) => actedOn(log, match(), { kind: "points", by: [1, 0] }).base;
  assert.deepEqual([baseIn([]).revision, baseIn([]).play.score], [3, [1, 0]]);
  const log = settled(added([], tap("a", 2, 0)), "a", done(4, [2, 0]));
  assert.deepEqual([baseIn(log).revision, baseIn(log).play.score], [4, [2, 0]]);
});

test("a second tap waits for the first, and is sent upon what came of it", () => {
  const log = tapped(tapped([], "a"), "b");
  const { base } = log[1];
  assert.deepEqual([base.entryId, base.revision], ["a", 3]);
  assert.equal(settledBase(settled(log, "a", done(4, [2, 0])), base).revision, 4);
  const conflict = outcomeOf(refused("conflict", { revision: 9, participant1_score: 1, participant2_score: 1 }), log[0]);
  assert.equal(settledBase(settled(log, "a", conflict), base).revision, 3); // and is in conflict, too
});

const stored = { match_id: "m1", revision: 4, participant1_score: 1, participant2_score: 1 };

test("a tap in conflict can be applied to what another official has stored", () => {
  const entry = tapped([], "a")[0];
  const outcome = outcomeOf(refused("conflict", stored), entry);
  assert.equal(outcome.status, "conflict");
  assert.match(outcome.sentence, /1–1 was stored meanwhile/);
  const log = settled([entry], "a", outcome);
  assert.equal(isOpen(log[0]), false);
  assert.deepEqual(storedPlay(log, match()).play.score, [1, 1]);
  const applied = reapplied(log, match(), log[0]);
  assert.deepEqual([applied.play.score, applied.base.revision], [[2, 1], 4]);
  assert.equal(reapplied(log, match(), { ...entry, action: { kind: "points", by: [-2, 0] } }), null);
  const both = added(log, { ...tap("b", 2, 1), ...applied });
  assert.equal(settled(both, "b", done(5, [2, 1]))[0].status, "superseded");
});

test("two taps in conflict are applied together by the later one", () => {
  let log = tapped(tapped([], "a"), "b");
  for (const id of ["a", "b"]) log = settled(log, id, outcomeOf(refused("conflict", stored), log[0]));
  assert.deepEqual(log.map(({ status }) => status), ["superseded", "conflict"]);
  assert.deepEqual(reapplied(log, match(), log[1]).play.score, [3, 1]);
});

test("M7: a tap in conflict is applied to the periods that another official has stored", () => {
  const tennis = match({ scoring: { unit: "sets" }, participant1_score: 0 });
  const entry = { ...tap("a"), ...actedOn([], tennis, { kind: "points", by: [1, 0] }) };
  assert.deepEqual(entry.changes.periods.map(({ name, participant1_score }) => [name, participant1_score]), [["1", 1]]);
  const won = { name: "1", participant1_score: 4, participant2_score: 6, final: true };
  const played = { name: "2", participant1_score: 0, participant2_score: 5, final: false };
  const data = { ...stored, participant1_score: 0, periods: [won, played] };
  const log = settled(added([], entry), "a", outcomeOf(refused("conflict", data), entry));
  const applied = reapplied(log, tennis, log[0]);
  assert.deepEqual(applied.changes.periods, [won, { ...played, participant1_score: 1 }]);
  assert.equal(applied.base.revision, 4);
});

test("no more than forty taps wait to be sent", () => {
  let log = [];
  for (let n = 0; n < 40; n += 1) log = tapped(log, `${n}`);
  assert.equal(isFull(log), true);
  assert.equal(isFull(settled(log, "0", done(4, [2, 0]))), false);
});

test("after a reload unsent scores are sent, and other commands may have arrived", () => {
  const log = restored(added(tapped([], "a"), { id: "b", kind: "start", matchId: "m1" }));
  assert.deepEqual(log.map(({ status }) => status), ["sending", "unsure"]);
  assert.match(log[1].sentence, /may or may not/);
  assert.deepEqual(restored(JSON.parse(JSON.stringify(log))), log);
});

test("a failed score is settled once a later one is pending or accepted", () => {
  const both = added(added([], tap("a", 2, 0)), tap("b", 3, 0));
  const lost = outcomeOf({ name: "ConnectionLost", sent: true }, tap("a", 2, 0));
  const log = settled(settled(both, "a", lost), "b", done(5, [3, 0]));
  assert.deepEqual(log.map((entry) => entry.status), ["superseded", "done"]);
  const other = added(added([], tap("a", 2, 0)), { ...tap("b", 3, 0), matchId: "m2" });
  assert.equal(settled(other, "a", lost)[0].status, "unsure");
});

test("a failed score without a later one can be sent again", () => {
  const lost = outcomeOf({ name: "AnswerTimeout", sent: false }, tap("b", 3, 0));
  const log = settled(added([], tap("b", 3, 0)), "b", lost);
  assert.equal(isOpen(log[0]), true);
  assert.match(log[0].sentence, /Not sent/);
  assert.equal(again(log, "b")[0].status, "sending");
});

test("a long log drops settled entries, never open ones", () => {
  let log = added([], tap("open", 1, 0));
  for (let n = 0; n < 120; n += 1) log = settled(added(log, tap(`${n}`, 0, n)), `${n}`, done(n, [0, n]));
  assert.equal(log.length, 50);
  log = added([{ ...tap("lost", 1, 0), status: "unsure" }, ...log], tap("new", 9, 9));
  assert.ok(log.some((entry) => entry.id === "lost"));
  assert.equal(log.at(-1).id, "new");
});

test("permitted actions follow the state and the role", () => {
  const may = (role, state) => Object.entries(permitted(role, state)).filter(([, yes]) => yes).map(([what]) => what).join();
  assert.equal(may("official", "scheduled"), "start,award,postpone,cancel,dispute");
  assert.equal(may("official", "postponed"), "start,award,reschedule,cancel,dispute");
  assert.equal(may("official", "live"), "score,pause,hold,complete,postpone,unstart,cancel,dispute");
  assert.equal(may("official", "paused"), "score,hold,resume,complete,postpone,cancel,dispute");
  assert.equal(may("official", "disputed"), "score,resume,complete,cancel,dispute");
  assert.equal(may("official", "completed"), "amend,reopen,dispute");
  assert.equal(may("official", "cancelled"), "reopen,dispute");
  assert.equal(may("participant", "live"), "dispute");
  assert.equal(may("spectator", "live"), "");
});

test("every error code has a sentence with what to do", () => {
  const expected = {
    stale: /already stored/,
    conflict: /already stored/,
    match_not_live: /not live/,
    invalid_transition: /No longer possible/,
    forbidden: /does not allow/,
    not_found: /does not know this match/,
    message_rate_limit_exceeded: /again in 3 s/,
    ip_rate_limit_exceeded: /again in 3 s/,
    room_full: /again in 3 s/,
    token_expired: /Renew your sign-in/,
    payload_too_large: /too long/,
    invalid_schema: /does not accept/,
    internal_error: /Send it again/,
    invalid_json: /reload/,
    unsupported_message_type: /reload/,
    something_new: /reload/,
    toString: /reload/,
  };
  for (const [code, words] of Object.entries(expected)) {
    assert.match(sentence(refused(code, {}, 2100)), words);
  }
});

test("a refused dispute is not a matter of the token", () => {
  assert.match(sentence(refused("forbidden"), { kind: "dispute" }), /open dispute/);
  assert.match(sentence(refused("not_found"), { kind: "resolve" }), /resolved already/);
});

test("a rejection names the match's state, or the invalid field", () => {
  assert.match(sentence(refused("match_not_live", { state: "scheduled" })), /Start it first/);
  assert.match(sentence(refused("match_not_live", { state: "completed" })), /finished/);
  assert.match(sentence(refused("invalid_transition", { state: "cancelled" })), /cancelled/);
  assert.match(sentence(refused("invalid_schema", { errors: { reason: "too long" } })), /1 to 500/);
});

test("a command whose target state is reached already has succeeded", () => {
  const error = refused("invalid_transition", { state: "live" });
  assert.equal(outcomeOf(error, { target: "live" }).status, "done");
  assert.equal(outcomeOf(error, { target: "paused" }).status, "refused");
});

test("an unanswered command may be sent again, a rejected one may not", () => {
  const status = (error) => outcomeOf(error, {}).status;
  assert.equal(status({ name: "ConnectionLost", sent: true }), "unsure");
  assert.equal(status({ name: "AnswerTimeout", sent: true }), "unsure");
  assert.equal(status(refused("internal_error")), "unsure");
  assert.equal(status(refused("message_rate_limit_exceeded")), "unsure");
  assert.equal(status(refused("forbidden")), "refused");
  assert.match(sentence({ name: "ConnectionLost", sent: true }), /may or may not/);
  assert.match(sentence({ name: "ConnectionLost", sent: false }), /Not sent/);
});

test("a score keeps the details of the match, and replaces those of the last goal", () => {
  const known = { sets: [[6, 4]], minute: 3, scorer: "Ann", team: "p1", kind: "penalty" };
  assert.deepEqual(detailsWith(known, {}), { sets: [[6, 4]] });
  assert.deepEqual(detailsWith(known, { minute: "9", team: "p2" }), { sets: [[6, 4]], minute: "9", team: "p2" });
  assert.equal(detailsWith({ minute: 3 }, {}), null);
  assert.equal(detailsWith(null, {}), null);
});

test("a minute is a number, with added time", () => {
  assert.deepEqual(["67", "90+4", "abc", "1e3", "", "9999"].map(isMinute), [true, true, false, false, false, false]);
});

test("a typed score far from the current one is questioned", () => {
  assert.deepEqual([[4, 1], [5, 1], [3, 9], [0, 1]].map((score) => isUnlikely(score, [3, 1], { one: 1 })), [false, false, true, true]);
  assert.equal(isUnlikely([20, 0], [0, 0], { one: 10 }), false);
});
