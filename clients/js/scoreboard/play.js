/**
 * What stands in a match while it is played, and what an official's tap makes of it. Pure.
 *
 * A play is `{score, periods, clock, shootout}`: two scores, a list as on the wire, and two objects
 * or null.
 */

const SCORE_MAX = 10 ** 12;
const SHOTS_MAX = 1000;
const PERIODS_MAX = 32;
const WON = ["sets", "maps", "legs", "frames"];
const TIMED = ["goals", "points"];

/** Whether a score counts the sets that were won; points are those of the current one. */
export const countsWon = (scoring) => WON.includes(scoring?.unit);

/** How a match is scored: `steps` are what one tap adds. */
export function rulesOf({ scoring, clock }) {
  const scale = Number.isInteger(scoring?.scale) ? scoring.scale : 0;
  const unit = scoring?.unit ?? "goals";
  const one = 10 ** scale;
  return {
    one,
    steps: scale > 0 ? [one / 2, one] : [one],
    isWon: countsWon(scoring),
    bestOf: Number.isInteger(scoring?.best_of) ? scoring.best_of : Infinity,
    isNegative: scoring?.negative === true,
    isTimed: TIMED.includes(unit) || Boolean(clock),
    hasShootout: unit === "goals",
  };
}

export function playOf({ participant1_score, participant2_score, periods, clock, shootout }) {
  return { score: [participant1_score, participant2_score], periods: periods ?? [], clock: clock ?? null, shootout: shootout ?? null };
}

export const pointsIn = (period) => [period?.participant1_score ?? 0, period?.participant2_score ?? 0];

export const openPeriod = ({ periods }) => (periods.at(-1)?.final === false ? periods.at(-1) : null);

/** The two numbers that taps change: the score, or the points of the period being played. */
export function pointsOf(play, { isWon }) {
  return isWon ? pointsIn(openPeriod(play)) : play.score;
}

const ACTIONS = {
  points: (play, { by }, rules) => (rules.isWon ? withPoints(play, by, rules) : withScore(play, by, rules)),
  end_period: withPeriodEnded,
  next_period: withNextPeriod,
  reopen_period: withPeriodReopened,
  clock: (play, { clock }) => ({ ...play, clock }),
  shootout: (play, { shootout }) => ({ ...play, shootout }),
  kick: withKick,
  undo: withUndone,
};

/** The play after an action; null if it is not possible. */
export function after(play, action, rules) {
  return play && ACTIONS[action.kind](play, action, rules);
}

/** The action that takes another one back. */
export const undoing = (before, made) => ({ kind: "undo", before, made });

/** What an update must say beside its score: the state that differs. An empty one removes it. */
export function changesBetween(before, made) {
  const given = { periods: made.periods, clock: made.clock ?? {}, shootout: made.shootout ?? {} };
  return Object.fromEntries(Object.entries(given).filter(([name]) => !isEqual(before[name], made[name])));
}

/** A score counts in total, and in the period that is open. */
function withScore(play, by, { isNegative }) {
  const score = sum(play.score, by);
  if (!score.every((each) => isScore(each, isNegative))) return null;
  const open = openPeriod(play);
  const points = open && sum(pointsIn(open), by);
  const periods = points?.every((each) => isScore(each, isNegative)) ? withLast(play, points) : play.periods;
  return { ...play, score, periods };
}

/** Points in the current period, which the first of them opens. */
function withPoints(play, by, rules) {
  const points = sum(pointsIn(openPeriod(play)), by);
  const opened = openPeriod(play) ? play : withNewPeriod(play, rules);
  return opened && points.every((each) => isScore(each, false)) ? { ...opened, periods: withLast(opened, points) } : null;
}

function withLast({ periods }, [participant1_score, participant2_score]) {
  return [...periods.slice(0, -1), { ...periods.at(-1), participant1_score, participant2_score }];
}

function withNewPeriod(play, { bestOf }, name = nextName(play)) {
  const isDecided = play.score.some((won) => won > bestOf / 2);
  if (isDecided || play.periods.length >= PERIODS_MAX) return null;
  return { ...play, periods: [...play.periods, period(name, [0, 0], false)] };
}

function period(name, [participant1_score, participant2_score], final) {
  return { name, participant1_score, participant2_score, final };
}

/** The number of the next period, which every reader names in their language; a sender's "Q1" is followed by "Q2". */
export function nextName({ periods, clock }) {
  const last = periods.at(-1)?.name ?? clock?.period ?? "";
  const [, text, digits] = /^(.*?)(\d{1,3})$/.exec(last) ?? [null, "", periods.length];
  return `${text}${Number(digits) + 1}`.slice(0, 24);
}

/** The side with more points wins a set. */
function withPeriodEnded(play, action, { isWon }) {
  const open = openPeriod(play);
  if (!open) return null;
  const [one, two] = pointsIn(open);
  if (isWon && one === two) return null;
  const periods = [...play.periods.slice(0, -1), { ...open, final: true }];
  return { ...play, periods, score: isWon ? sum(play.score, wonBy(open, 1)) : play.score };
}

/** What has been played so far is the first period, where nobody has named one. */
function withNextPeriod(play, { clock }, rules) {
  const played = play.periods.length ? play.periods : [period(nextName({ ...play, periods: [], clock: null }), play.score, false)];
  const ended = withPeriodEnded({ ...play, periods: played }, null, rules) ?? { ...play, periods: played };
  const next = withNewPeriod(ended, rules);
  return next && { ...next, clock: clock && { ...clock, running: false, period: next.periods.at(-1).name } };
}

/** Back to the period before: an empty one that was opened by mistake goes. */
function withPeriodReopened(play, action, { isWon }) {
  const isEmpty = openPeriod(play) && pointsIn(openPeriod(play)).every((points) => points === 0);
  const periods = isEmpty ? play.periods.slice(0, -1) : play.periods;
  const last = periods.at(-1);
  if (!last?.final) return null;
  const clock = play.clock && { ...play.clock, period: last.name };
  const score = isWon ? sum(play.score, wonBy(last, -1)) : play.score;
  return { ...play, periods: [...periods.slice(0, -1), { ...last, final: false }], score, clock };
}

function wonBy(one, by) {
  const [first, second] = pointsIn(one);
  return first > second ? [by, 0] : [0, by];
}

/** A kick that missed changes no score; one that is taken back has `by` -1. */
function withKick(play, { side, scored, by = 1 }) {
  if (!play.shootout) return null;
  const shots = sum(pointsIn(play.shootout), [0, 1].map((each) => (scored && each === side ? by : 0)));
  if (!shots.every((each) => each >= 0 && each <= SHOTS_MAX)) return null;
  return { ...play, shootout: { participant1_score: shots[0], participant2_score: shots[1] } };
}

/** What another official has changed meanwhile stays, unless it is the same thing. */
function withUndone(play, { before, made }, { isNegative }) {
  const score = sum(play.score, before.score.map((each, side) => each - made.score[side]));
  const state = ["periods", "shootout", "clock"].map((name) => {
    if (isEqual(before[name], made[name])) return [name, play[name]];
    return isEqual(play[name], made[name]) ? [name, before[name]] : null;
  });
  const isPossible = state.every(Boolean) && score.every((each) => isScore(each, isNegative));
  return isPossible ? { ...play, ...Object.fromEntries(state), score } : null;
}

export function isScore(score, isNegative = false) {
  return Number.isInteger(score) && Math.abs(score) <= SCORE_MAX && (isNegative || score >= 0);
}

/** A typed number in units of the match's scale: "0,5" is 5 with one decimal place; NaN if it is none. */
export function parsed(text, { one }) {
  const number = text.trim().replace(",", ".").replace("−", "-");
  const units = Math.round(Number(number) * one);
  return /^-?\d{1,13}(\.\d{1,3})?$/.test(number) && Math.abs(Number(number) * one - units) < 1e-6 ? units : NaN;
}

const sum = (one, two) => one.map((each, side) => each + two[side]);
const isEqual = (one, two) => JSON.stringify(one ?? null) === JSON.stringify(two ?? null);
