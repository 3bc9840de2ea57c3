/** Texts about matches. Pure. */

import { ago, formatTime, number, t } from "./i18n.js";
import { countsWon } from "./play.js";

const TEXT_MAX = 80;
const MINUTE_MAX = 8;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A short text from outside; empty if it is anything but a text or a number. */
export function textOf(value, max = TEXT_MAX) {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === "string" && text.length <= max ? text.trim() : "";
}

/** The text for a word from outside; empty if it is not one of ours. */
function textAmong(words, word, prefix) {
  return words.includes(word) ? t(`${prefix}.${word}`) : "";
}

export function viewersText(viewers) {
  return Number.isSafeInteger(viewers) ? t("watching", { count: viewers }) : "";
}

export function summary(matches) {
  const all = matches.filter((match) => match.participants).length;
  const played = matches.filter((match) => match.state === "completed").length;
  if (all === 0) return t("summary.none");
  return played === all ? t("summary.all") : t("summary.some", { played: number(played), all: number(all) });
}

export function clock(time) {
  return formatTime(time, { hour: "2-digit", minute: "2-digit" });
}

/** How old scores are that may be out of date; empty while that goes without saying. */
export function asOf(atMs, nowMs) {
  const ageMs = nowMs - atMs;
  if (!atMs || ageMs < MINUTE_MS) return "";
  return t("as_of", { time: ageMs < DAY_MS ? clock(atMs) : dateAndClock(atMs), ago: ago(ageMs) });
}

export function kickOff({ scheduled_at }) {
  return [dayOf(scheduled_at), clock(scheduled_at)].filter(Boolean).join(", ");
}

export function dayOf(time) {
  return formatTime(time, { weekday: "long", day: "numeric", month: "long" });
}

export function dateAndClock(time) {
  return [formatTime(time, { day: "numeric", month: "short" }), clock(time)].filter(Boolean).join(", ");
}

const OUTCOMES = ["walkover", "forfeit", "double_forfeit", "retired", "disqualified", "awarded", "abandoned", "bye"];
const BADGES = ["paused", "disputed", "cancelled", "postponed"];

/** The short text beside a match: its kick-off, its minute or state, or how it ended. */
export function badge(match, serverMs = null) {
  const { state, outcome } = match;
  if (state === "scheduled") return clock(match.scheduled_at) || t("badge.unscheduled");
  if (state === "completed") return textAmong(OUTCOMES, outcome, "outcome") || t(`badge.${decidedBy(match)}`);
  return textAmong(BADGES, state, "badge") || minuteNow(match, serverMs) || t("badge.live");
}

/** The same with the day, where no heading has it. */
export function datedBadge(match) {
  return (match.state === "scheduled" && dateAndClock(match.scheduled_at)) || badge(match);
}

/** The period and minute of a running clock, which an official keeps. */
function minuteNow({ clock: kept, scoring }, serverMs) {
  const elapsedMs = serverMs === null ? null : elapsedOn(kept, serverMs);
  if (elapsedMs === null) return "";
  return [periodName(kept.period, scoring), `${Math.floor(elapsedMs / 60_000) + 1}′`].filter(Boolean).join(" · ");
}

/** What a match's clock shows at a time of the server; null if there is none. */
export function elapsedOn(kept, serverMs) {
  if (!Number.isFinite(kept?.elapsed_ms)) return null;
  return kept.elapsed_ms + (kept.running === true && Number.isFinite(kept.at) ? Math.max(0, serverMs - kept.at) : 0);
}

/** Minutes and seconds, as scoreboards show them: 23:05, and 61:30 after an hour. */
export function clockText(elapsedMs) {
  const seconds = Math.floor(elapsedMs / 1000);
  return [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/** A period's name: a number is named after what the match counts, any other name is the sender's. */
export function periodName(name, scoring) {
  const text = textOf(name, 24);
  if (!/^\d{1,2}$/.test(text)) return text;
  return t(`period.${countsWon(scoring) ? scoring.unit : "other"}`, { name: text });
}

function decidedBy({ details, shootout, decided_by }) {
  if (shotsOf({ details, shootout }) || decided_by === "shootout") return "penalties";
  return pair(details?.extra_time) || decided_by === "overtime" ? "extra_time" : "full_time";
}

/** The line below a match: its latest goal, its periods, and how it was decided. */
export function note(match) {
  if (match.state === "scheduled") return "";
  const shots = match.state === "completed" ? null : shotsOf(match);
  const parts = [periodsText(match), noteOnly(match), shots && t("result.penalties", { score: shots.join("–") })];
  return parts.filter(Boolean).join(" · ");
}

/** The same without what a match's own page shows at length. */
export function noteOnly(match) {
  if (match.state === "scheduled") return "";
  return match.state === "completed" ? resultText(match) : goalText(match.details ?? {});
}

function periodsText({ periods, scoring }) {
  const scores = Array.isArray(periods) ? periods.map(scoreOf).filter(Boolean) : [];
  return scores.map((score) => scoresText(score, scoring)).join("  ");
}

function goalText(details) {
  return [minuteText(details), scorerText(details)].filter(Boolean).join(" ");
}

function minuteText({ minute }) {
  const text = textOf(minute, MINUTE_MAX);
  return text && `${text}′`;
}

function scorerText({ scorer, kind }) {
  const name = textOf(scorer);
  return name && [name, textAmong(["penalty", "own_goal"], kind, "goal")].filter(Boolean).join(" ");
}

/** How a match ended: by an outcome other than play, or how it was decided. */
function endText({ outcome }, match) {
  return textAmong(OUTCOMES, outcome, "outcome") || resultText(match);
}

function resultText(match) {
  const { full_time, extra_time } = match.details ?? {};
  const shots = shotsOf(match);
  if (decidedBy(match) === "full_time") return "";
  const parts = [
    [full_time, "result.full_time"],
    [shots ? null : extra_time, "result.extra_time"],
    [shots, "result.penalties"],
  ];
  const decided = parts.filter(([score]) => pair(score));
  return decided.map(([score, key]) => t(key, { score: score.join("–") })).join(", ");
}

/** The shoot-out's score, from the match or from its details; null if there is none. */
function shotsOf({ details, shootout }) {
  const { home, away } = Object(details?.penalties);
  return scoreOf(shootout) ?? pair(details?.penalties) ?? pair([home, away]);
}

export function scoreText(match, side) {
  if (["scheduled", "cancelled", "postponed"].includes(match.state) || wasNotPlayed(match)) return "";
  const score = [match.participant1_score, match.participant2_score][side];
  return Number.isFinite(score) ? scaledText(score, match.scoring) : "";
}

/** A score in the unit that people count in: with scale 1, 5 is 0.5. */
function scaledText(score, scoring) {
  return number(score / 10 ** (Number.isInteger(scoring?.scale) ? scoring.scale : 0));
}

export function scoresText(scores, scoring) {
  return scores.map((score) => scaledText(score, scoring)).join("–");
}

/** Whether a match ended without a goal and without play, by a walkover or the like. */
function wasNotPlayed({ state, outcome, participant1_score, participant2_score }) {
  const isNil = participant1_score === 0 && participant2_score === 0;
  return state === "completed" && isNil && outcome !== "retired" && OUTCOMES.includes(outcome);
}

export function penaltiesText(match, side) {
  const shots = match.state === "scheduled" ? null : shotsOf(match);
  return shots ? `(${shots[side]})` : "";
}

export function hasLost({ state, winner_id, participants }, side) {
  return state === "completed" && Boolean(winner_id) && participants?.[side]?.id !== winner_id;
}

/** Two integers, or null: details may have any shape. */
function pair(score) {
  return Array.isArray(score) && score.length === 2 && score.every(Number.isSafeInteger) ? score : null;
}

function scoreOf(each) {
  return pair([each?.participant1_score, each?.participant2_score]);
}

export function nameOf({ participants }, side) {
  const { name, placeholder, id, bye } = participants?.[side] ?? {};
  return textOf(name, 200) || textOf(placeholder, 200) || (bye === true && t("bye")) || textOf(id, 200) || t("unknown_team");
}

export function versus(match) {
  return t("versus", { one: nameOf(match, 0), two: nameOf(match, 1) });
}

const TEXTS = new Map([
  ["started", () => t("event.started")],
  ["goal", (row, match, details) => scorerText(details) || pointsText(row, match)],
  ["kick", (row) => t(row.isScored ? "event.kick_scored" : "event.kick_missed")],
  ["period", (row, match) => t("event.period_ended", periodParts(row, match))],
  ["score", (row, match, details) => withLatestGoal(t(row.isCorrection ? "event.corrected" : "event.score"), details)],
  ["caught_up", (row, match, details) => withLatestGoal(t("event.caught_up"), details)],
  ["changed", changeText],
  ["rescheduled", (row) => t("event.rescheduled", { time: dateAndClock(row.kickOff) })],
  ["reopened", (row) => join(": ", t("event.reopened"), row.reason)],
  ["amended", (row) => join(": ", t("event.amended"), row.reason)],
  ["disputed", (row) => join(": ", t("event.dispute"), row.reason)],
  ["resolved", () => t("event.dispute_resolved")],
  ["completed", (row, match, details) => join(": ", t("event.completed"), endText(row, { ...match, details }))],
]);

/** One row of the timeline: when, who scored, what, and the score if it changed. */
export function timelineText(row, match) {
  const details = row.details ?? {};
  const [participant1_score, participant2_score] = row.score;
  const isUnplayed = row.kind === "completed" && wasNotPlayed({ state: row.kind, outcome: row.outcome, participant1_score, participant2_score });
  const hasScore = ["goal", "score", "caught_up", "completed", "amended"].includes(row.kind) || isWonPeriod(row, match);
  return {
    when: (row.kind !== "completed" && minuteText(details)) || clock(row.atMs),
    at: clock(row.atMs),
    team: row.kind === "goal" || row.kind === "kick" ? `${nameOf(match, row.side)}: ` : "",
    what: TEXTS.get(row.kind)(row, match, details),
    by: row.user ? t("event.by", { user: textOf(row.user, 64) }) : "",
    score: row.kind === "kick" ? `(${row.shots.join("–")})` : hasScore && !isUnplayed ? scoresText(row.score, match.scoring) : "",
  };
}

/** A goal, or how many points: half a one in chess. */
function pointsText({ points }, { scoring }) {
  return (scoring?.unit ?? "goals") === "goals" ? t("event.goal") : `+${scaledText(points, scoring)}`;
}

/** The end of a set changes the score; the end of a half has the score in its own text. */
function isWonPeriod({ kind }, { scoring }) {
  return kind === "period" && countsWon(scoring);
}

function periodParts({ period }, { scoring }) {
  return { period: periodName(period.name, scoring), score: scoresText(scoreOf(period), scoring) };
}

function join(separator, ...parts) {
  return parts.map((part) => textOf(part, 500)).filter(Boolean).join(separator);
}

function withLatestGoal(what, details) {
  const scorer = scorerText(details);
  return scorer ? t("event.latest_goal", { what, scorer }) : what;
}

function changeText({ from, to }) {
  if (to === "live") return t(from === "disputed" ? "event.settled" : "event.resumed");
  return textAmong(["scheduled", "paused", "disputed", "cancelled", "postponed"], to, "event") || t("event.changed");
}

/** Sentences that announce the step from one state to the next. */
export function announcements(before, after) {
  const steps = [...after.matches.values()].map((match) => [before.matches.get(match.match_id), match]);
  const changed = steps.filter(([known, match]) => known !== match && known?.participants && match.participants);
  return changed.map(([known, match]) => announcementOf(known, match)).filter(Boolean);
}

const ANNOUNCED = ["scheduled", "live", "completed", "paused", "disputed", "cancelled", "postponed"];

function announcementOf(before, match) {
  const sides = [0, 1].map((side) => [nameOf(match, side), scoreText(match, side)].filter(Boolean).join(" "));
  const score = sides.join(", ");
  if (match.state !== before.state) {
    const state = textAmong(ANNOUNCED, match.state, "announce") || t("event.changed");
    return t("announce.state", { state, score });
  }
  if (match.state === "completed") return isAmended(before, match) && t("announce.state", { state: t("announce.amended"), score });
  const heard = (one) => JSON.stringify([0, 1].map((side) => [scoreText(one, side), penaltiesText(one, side)]));
  const hasScored = heard(before) !== heard(match);
  return hasScored && `${[score, note(match)].filter(Boolean).join(", ")}.`;
}

function isAmended(before, match) {
  const result = ({ winner_id, outcome, participant1_score, participant2_score }) =>
    JSON.stringify([winner_id ?? null, outcome ?? null, participant1_score, participant2_score]);
  return result(before) !== result(match);
}

/** The title of a match's tab: its score first, since tabs are narrow. */
export function documentTitle(match) {
  const score = [0, 1].map((side) => scoreText(match, side)).filter(Boolean).join("–");
  return [score, versus(match), score && badge(match)].filter(Boolean).join(" · ");
}
