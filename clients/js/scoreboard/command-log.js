/**
 * An official's commands and their outcomes. Pure: a log is a list of entries
 * `{id, kind, matchId, action, play, changes, base, status, sentence, known}`. Of these, `action`
 * to `base` are those of scores: see play.js.
 *
 * `status`: `sending`, `done`, `refused` (rejected by the server), `conflict` (another official's
 * score is stored, and this one may be applied to it), `unsure` (it may have arrived, and may be
 * sent again) or `superseded` (by a later score from this page).
 */

import { t } from "./i18n.js";
import { after, changesBetween, playOf, rulesOf } from "./play.js";

/** A typed score that differs by more is questioned. */
const STEP_MAX = 2;
const ENTRIES_MAX = 50;
/** How many commands may be without an outcome: an official who taps on for hours without a network is stopped. */
const OPEN_MAX = 40;
/** Details that describe one goal or kick; all others belong to the match. */
const OF_GOAL = ["minute", "scorer", "team", "kind", "reason", "kick"];

/** The log with another command, which is being sent. */
export function added(log, entry) {
  const oldest = log.length < ENTRIES_MAX ? -1 : log.findIndex(isSettled);
  const kept = log.filter((_, index) => index !== oldest);
  return [...kept, { ...entry, status: "sending", sentence: "", known: null }];
}

/** `known` is the match's `{revision, play}`, if the response has it. */
export function settled(log, id, { status, sentence, known = null }) {
  return log.map((entry) => (entry.id === id ? { ...entry, status, sentence, known } : entry)).map(superseded);
}

export function again(log, id) {
  return log.map((entry) => (entry.id === id ? { ...entry, status: "sending", sentence: "" } : entry));
}

export const isOpen = ({ status }) => status === "sending" || status === "unsure";
const isSettled = (entry) => !isOpen(entry);
export const isFull = (log) => log.filter(isOpen).length >= OPEN_MAX;

/** A failed score needs no attention once a later one is pending or accepted, or in conflict with both. */
function superseded(entry, index, log) {
  if (entry.kind !== "score" || entry.status === "sending" || entry.status === "done") return entry;
  const outdating = entry.status === "conflict" ? ["sending", "done", "conflict"] : ["sending", "done"];
  const later = log.slice(index + 1).some((other) => isScoreOf(entry, other) && outdating.includes(other.status));
  return later ? { ...entry, status: "superseded", sentence: t("official.superseded") } : entry;
}

const isScoreOf = ({ matchId }, other) => other.kind === "score" && other.matchId === matchId;

/** What to show: the pending play, else the newest that is known to be stored. */
export function currentPlay(log, match) {
  return pendingScore(log, match)?.play ?? storedPlay(log, match).play;
}

function pendingScore(log, { match_id: matchId }) {
  return log.findLast((entry) => isScoreOf({ matchId }, entry) && entry.status === "sending");
}

/** The newest play that is known to be stored, as `{revision, play}`. */
export function storedPlay(log, match) {
  const known = log.filter((entry) => entry.matchId === match.match_id && entry.known?.play).map((entry) => entry.known);
  const newest = known.reduce((a, b) => (b.revision > (a?.revision ?? 0) ? b : a), null);
  const isOlder = !newest || newest.revision <= (match.revision ?? 0);
  return isOlder ? { revision: match.revision, play: playOf(match) } : newest;
}

/** A score entry's own fields: an action upon what is shown; null if it is not possible. */
export function actedOn(log, match, action) {
  const pending = pendingScore(log, match);
  const before = currentPlay(log, match);
  const play = after(before, action, rulesOf(match));
  if (!play) return null;
  const changes = changesBetween(before, play);
  const base = pending ? { ...pending.base, entryId: pending.id } : storedPlay(log, match);
  return { action, play, before, changes, base, previous: pending?.id ?? null };
}

/** The base of a score that is about to be sent: every earlier entry has its outcome. */
export function settledBase(log, base) {
  const before = log.find(({ id }) => id === base.entryId);
  return before?.status === "done" && before.known ? before.known : base;
}

/**
 * The entry's own fields for applying it, and those before it that were in conflict with the same
 * score, to what is stored; null if that is impossible.
 */
export function reapplied(log, match, entry) {
  const stored = storedPlay(log, match);
  const rules = rulesOf(match);
  const play = chain(log, entry).reduce((made, action) => after(made, action, rules), stored.play);
  return play && { action: entry.action, play, before: stored.play, changes: changesBetween(stored.play, play), base: stored, previous: null };
}

/** An entry's action, after those of the entries that it was built upon and that failed with it. */
function chain(log, { action, previous }) {
  const before = log.find(({ id, status }) => id === previous && ["conflict", "superseded"].includes(status));
  return before ? [...chain(log, before), action] : [action];
}

/** The log with the base that an entry is sent with. */
export function rebased(log, id, base) {
  return log.map((entry) => (entry.id === id ? { ...entry, base } : entry));
}

/** What outlives a reload: an unsent score is sent then, any other command may or may not have arrived. */
export function restored(entries) {
  const isUnsure = ({ kind, status }) => kind !== "score" && status === "sending";
  return entries.map((entry) => (isUnsure(entry) ? { ...entry, status: "unsure", sentence: t("error.ConnectionLost") } : entry));
}

export const isMinute = (text) => /^\d{1,3}(\+\d{1,2})?$/.test(text);

/** Whether typed points are so far from the current ones that they may be a slip. */
export function isUnlikely(points, current, { one }) {
  return points.some((each, side) => Math.abs(each - current[side]) > STEP_MAX * one);
}

/**
 * The details of the next score: a score replaces them all, so that what a back-end has stored
 * there is sent again; what describes the last goal is not.
 */
export function detailsWith(known, goal) {
  const kept = Object.entries(Object(known)).filter(([name]) => !OF_GOAL.includes(name));
  const details = { ...Object.fromEntries(kept), ...goal };
  return Object.keys(details).length ? details : null;
}

const RUNNING = ["live", "paused", "disputed"];
const ACTIONS = {
  start: ["scheduled", "postponed"],
  score: RUNNING,
  pause: ["live"],
  hold: ["live", "paused"],
  resume: ["paused", "disputed"],
  complete: RUNNING,
  award: ["scheduled", "postponed"],
  postpone: ["scheduled", "live", "paused"],
  reschedule: ["postponed"],
  unstart: ["live"],
  cancel: ["scheduled", "postponed", ...RUNNING],
  amend: ["completed"],
  reopen: ["completed", "cancelled"],
};

/** The actions that a role may take in a state. Disputes are raised in any. */
export function permitted(role, state) {
  const actions = Object.entries(ACTIONS).map(([action, states]) => [action, role === "official" && states.includes(state)]);
  return { ...Object.fromEntries(actions), dispute: role !== "spectator" };
}
