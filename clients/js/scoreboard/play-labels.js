/** Texts about an official's taps. Pure. */

import { t } from "./i18n.js";
import { clockText, nameOf, periodName, scoresText } from "./labels.js";
import { openPeriod, pointsIn, pointsOf, rulesOf } from "./play.js";

/** The score, with the points of the set that is being played. */
export function playText(play, match) {
  const { scoring } = match;
  const score = scoresText(play.score, scoring);
  const open = rulesOf(match).isWon ? openPeriod(play) : null;
  return open ? `${score} (${scoresText(pointsIn(open), scoring)})` : score;
}

/** The points that taps change: those of the current set, else the score. */
export const pointsText = (play, match) => scoresText(pointsOf(play, rulesOf(match)), match.scoring);

const TEXTS = {
  points: ({ play }, match) => t("command.score", { score: playText(play, match) }),
  undo: ({ play }, match) => t("command.undo", { score: playText(play, match) }),
  end_period: ({ play }, match) => endText(play, match),
  next_period: ({ play }, match) => nameText(play, match),
  reopen_period: ({ play }, match) => t("command.reopen_period", { period: nameText(play, match) }),
  shootout: ({ action }) => t(action.shootout ? "command.shootout" : "command.no_shootout"),
  clock: ({ action }) => clockAction(action.clock),
  kick: ({ action }, match) => t(`command.kick_${kickOf(action)}`, { team: nameOf(match, action.side) }),
};

/** What a score's entry does, in the official's list of commands. */
export const actionText = (fields, match) => TEXTS[fields.action.kind](fields, match);

function clockAction(clock) {
  if (!clock) return t("command.no_clock");
  return t(clock.running ? "command.clock_runs" : "command.clock_stands", { time: clockText(clock.elapsed_ms) });
}

function kickOf({ by, scored }) {
  if (by === -1) return "taken_back";
  return scored ? "scored" : "missed";
}

function endText(play, match) {
  return t("event.period_ended", { period: nameText(play, match), score: scoresText(pointsIn(play.periods.at(-1)), match.scoring) });
}

const nameText = ({ periods }, { scoring }) => periodName(periods.at(-1).name, scoring);
