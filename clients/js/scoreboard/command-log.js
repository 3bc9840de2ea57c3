/**
 * An official's commands and their outcomes. Pure: a log is a list of entries
 * `{id, kind, matchId, score, base, status, sentence, known}`.
 *
 * `status`: `sending`, `done`, `refused` (rejected by the server), `conflict` (another official's
 * score is stored, and this one may be applied to it), `unsure` (it may have arrived, and may be
 * sent again) or `superseded` (by a later score from this page).
 */

import { t } from "./i18n.js";

const SCORE_MAX = 1_000_000;
/** A typed score that differs by more is questioned. */
const STEP_MAX = 2;
const ENTRIES_MAX = 50;
/** Details that describe one goal; all others belong to the match. */
const OF_GOAL = ["minute", "scorer", "team", "kind", "reason"];

/** The log with another command, which is being sent. */
export function added(log, entry) {
  const oldest = log.length < ENTRIES_MAX ? -1 : log.findIndex(isSettled);
  const kept = log.filter((_, index) => index !== oldest);
  return [...kept, { ...entry, status: "sending", sentence: "", known: null }];
}

/** `known` is the match's `{revision, score}`, if the response has it. */
export function settled(log, id, { status, sentence, known = null }) {
  return log.map((entry) => (entry.id === id ? { ...entry, status, sentence, known } : entry)).map(superseded);
}

export function again(log, id) {
  return log.map((entry) => (entry.id === id ? { ...entry, status: "sending", sentence: "" } : entry));
}

export const isOpen = ({ status }) => status === "sending" || status === "unsure";
const isSettled = (entry) => !isOpen(entry);

/** A failed score needs no attention once a later one is pending or accepted. */
function superseded(entry, index, log) {
  if (entry.kind !== "score" || entry.status === "sending" || entry.status === "done") return entry;
  const later = log.slice(index + 1).some((other) => isLaterScore(entry, other));
  return later ? { ...entry, status: "superseded", sentence: t("official.superseded") } : entry;
}

function isLaterScore(entry, { kind, matchId, status }) {
  return kind === "score" && matchId === entry.matchId && (status === "sending" || status === "done");
}

/** The score to show: the pending one, else the newest that is known to be stored. */
export function currentScore(log, match) {
  return pendingScore(log, match)?.score ?? storedScore(log, match).score;
}

function pendingScore(log, { match_id }) {
  return log.findLast(({ kind, matchId, status }) => kind === "score" && matchId === match_id && status === "sending");
}

/** The newest score that is known to be stored, as `{revision, score}`. */
export function storedScore(log, match) {
  const stored = log.filter((entry) => entry.matchId === match.match_id && entry.known?.score).map((entry) => entry.known);
  const newest = stored.reduce((a, b) => (b.revision > (a?.revision ?? 0) ? b : a), null);
  if (newest && newest.revision > (match.revision ?? 0)) return newest;
  return { revision: match.revision, score: [match.participant1_score, match.participant2_score] };
}

/**
 * What the next score is built upon, as `{revision, score}`; with `entryId` if that is the result of
 * a pending entry, and what is here is that entry's own base.
 */
export function baseOf(log, match) {
  const pending = pendingScore(log, match);
  return pending ? { ...pending.base, entryId: pending.id } : storedScore(log, match);
}

/** The base of a score that is about to be sent: every earlier entry has its outcome. */
export function settledBase(log, base) {
  const before = log.find(({ id }) => id === base.entryId);
  return before?.status === "done" && before.known ? before.known : base;
}

/** The score after what an entry was to change is applied to the stored one; null if that is invalid. */
export function reapplied(stored, { score, base }) {
  const changed = stored.score.map((goals, side) => goals + score[side] - base.score[side]);
  return changed.every(isScore) ? changed : null;
}

/** The log with the base that an entry is sent with. */
export function rebased(log, id, base) {
  return log.map((entry) => (entry.id === id ? { ...entry, base } : entry));
}

/** The score after a tap; null if it is not a valid one. */
export function scoreAfterTap(score, side, step) {
  const changed = score.map((goals, index) => (index === side ? goals + step : goals));
  return changed.every(isScore) ? changed : null;
}

export const isScore = (goals) => Number.isInteger(goals) && goals >= 0 && goals <= SCORE_MAX;
export const isMinute = (text) => /^\d{1,3}(\+\d{1,2})?$/.test(text);

/** Whether a typed score is so far from the current one that it may be a slip. */
export function isUnlikely(score, current) {
  return score.some((goals, side) => Math.abs(goals - current[side]) > STEP_MAX);
}

/**
 * The details of the next score: a score replaces them all, so that what a back-end has stored
 * there (sets, penalties) is sent again; what describes the last goal is not.
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
