/**
 * The commands that an official has given, each with what became of it. Pure: a log is a list of
 * entries `{id, kind, matchId, score, status, sentence, known}`.
 *
 * `status`: `sending`, `done`, `refused` (the server said no), `unsure` (nobody knows whether it
 * arrived; it may be sent again) or `late` (a later score of ours is the one that counts).
 */

export const SCORE_MAX = 1_000_000;
const ENTRIES_MAX = 50;

/** A log with one more command in it, which is being sent. */
export function asked(log, entry) {
  const oldest = log.length < ENTRIES_MAX ? -1 : log.findIndex(isSettled);
  const kept = log.filter((_, index) => index !== oldest);
  return [...kept, { ...entry, status: "sending", sentence: "", known: null }];
}

/** `known` is `{revision, score}` of the match, where the answer told it. */
export function settled(log, id, { status, sentence, known = null }) {
  return log.map((entry) => (entry.id === id ? { ...entry, status, sentence, known } : entry)).map(overtaken);
}

export function again(log, id) {
  return log.map((entry) => (entry.id === id ? { ...entry, status: "sending", sentence: "" } : entry));
}

export const isOpen = ({ status }) => status === "sending" || status === "unsure";
const isSettled = (entry) => !isOpen(entry);

/** A score that failed while a later one of ours goes on is nothing to worry about. */
function overtaken(entry, index, log) {
  if (entry.kind !== "score" || entry.status === "sending" || entry.status === "done") return entry;
  const later = log.slice(index + 1).some((other) => isRival(entry, other));
  return later ? { ...entry, status: "late", sentence: "A later score of yours counts." } : entry;
}

function isRival(entry, { kind, matchId, status }) {
  return kind === "score" && matchId === entry.matchId && (status === "sending" || status === "done");
}

/** The score to show: what is on its way, else the newest that is known to be stored. */
export function currentScore(log, match) {
  const ours = log.filter((entry) => entry.matchId === match.match_id);
  const onItsWay = ours.findLast((entry) => entry.kind === "score" && entry.status === "sending");
  if (onItsWay) return onItsWay.score;
  const told = ours.map((entry) => entry.known).filter((known) => known?.score);
  const newest = told.reduce((a, b) => (b.revision > (a?.revision ?? 0) ? b : a), null);
  if (newest && newest.revision > (match.revision ?? 0)) return newest.score;
  return [match.participant1_score, match.participant2_score];
}

/** The score after a tap; null if there is none such. */
export function tapped(score, side, step) {
  const changed = score.map((goals, index) => (index === side ? goals + step : goals));
  return changed.every(isScore) ? changed : null;
}

export const isScore = (goals) => Number.isInteger(goals) && goals >= 0 && goals <= SCORE_MAX;

/** What may be done to a match in a state, by a role. */
export function permitted(role, state) {
  const official = role === "official";
  const running = ["live", "paused", "disputed"].includes(state);
  return {
    start: official && state === "scheduled",
    score: official && (state === "live" || state === "paused"),
    pause: official && state === "live",
    resume: official && (state === "paused" || state === "disputed"),
    complete: official && running,
    cancel: official && (running || state === "scheduled"),
    dispute: role !== "spectator" && (state === "live" || state === "paused"),
  };
}
