/** The two numbers in the official's controls, tapped or typed: the score, or the points of a set. */

import { currentPlay, isMinute, isUnlikely } from "./command-log.js";
import { onSubmit } from "./dialogs.js";
import { copyOf, find, place, write } from "./elements.js";
import { t } from "./i18n.js";
import { nameOf, scoresText } from "./labels.js";
import { after, isScore, parsed, pointsOf, rulesOf, undoing } from "./play.js";
import { pointsText } from "./play-labels.js";

const SIDES = [0, 1];
const GOAL = ["minute", "scorer"];
const UNDO_MS = 8_000;
const VIBRATION_MS = 30;

const sides = [];
let typed = null;
let shown = null;
let act = null;
let undoable = null; // the action that takes the last tap back, its match, and the details before
let undoTimer = null;

/** `report(action, details)` sends what an action makes of the score: see match-controls.js. */
export function createScoreForm(report) {
  act = report;
  sides.push(...SIDES.map(newSide));
  place(find("sides"), [find("sides").firstElementChild, ...sides.map((side) => side.element)]);
  onSubmit("score", sendTyped);
  find("score").oninput = typing;
  find("undo").onclick = undo;
}

function newSide(side) {
  const element = copyOf("side");
  const [label, won, less, input, half, more] = element.children;
  input.id = `score-${side}`;
  label.htmlFor = input.id;
  less.onclick = () => tap(side, -rules().steps[0]);
  half.onclick = () => tap(side, rules().steps[0]);
  more.onclick = () => tap(side, rules().one);
  return { element, label, won, less, input, half, more };
}

const rules = () => rulesOf(shown.match);
const play = () => currentPlay(shown.log, shown.match);
const by = (side, step) => SIDES.map((each) => (each === side ? step : 0));

export function clearDraft() {
  typed = null;
  forgetUndo();
}

export function showScores(view, isEnabled) {
  shown = { ...view, isEnabled };
  find("score").hidden = view.role === "spectator";
  find("goal").hidden = !isEnabled || !rules().hasShootout;
  find("undo-part").hidden = !isEnabled || !undoable;
  for (const side of SIDES) showSide(side);
  showDraft();
}

function showSide(side) {
  const { element, label, won, less, input, half, more } = sides[side];
  const { scoring } = shown.match;
  const { one, steps, isWon } = rules();
  const team = nameOf(shown.match, side);
  const text = (step) => scoresText([step], scoring);
  write(label, team);
  write(won, isWon ? t(`won.${scoring.unit}`, { count: play().score[side] }) : "");
  for (const [button, step, sign] of [[less, steps[0], "−"], [half, steps[0], "+"], [more, one, "+"]]) {
    write(button, sign + text(step));
    button.setAttribute("aria-label", t(sign === "+" ? "official.add" : "official.remove", { points: text(step), team }));
    const isPossible = after(play(), { kind: "points", by: by(side, sign === "+" ? step : -step) }, rules());
    button.disabled = !shown.isEnabled || !isPossible || shown.isFull;
  }
  half.hidden = steps.length === 1;
  element.classList.toggle("halves", !half.hidden);
  if (!typed) input.value = String(pointsOf(play(), rules())[side] / one);
  input.disabled = !shown.isEnabled;
}

function typing({ target }) {
  if (sides.some(({ input }) => input === target)) typed = scoreTyped();
  showDraft();
}

const scoreTyped = () => sides.map(({ input }) => parsed(input.value, rules()));
const current = () => pointsOf(play(), rules());

/** The change from what is shown to what is typed. */
const typedChange = () => ({ kind: "points", by: (typed ?? current()).map((points, side) => points - current()[side]) });

/** The score that would be reported, if it differs from the current one. */
function showDraft() {
  if (typed?.every((points, side) => points === current()[side])) typed = null;
  const isNew = typed || GOAL.some((id) => find(id).value.trim());
  const isValid = (typed ?? current()).every((points) => isScore(points, rules().isNegative)) && after(play(), typedChange(), rules());
  find("report").hidden = !shown.isEnabled || !isNew;
  find("report").disabled = !isValid || !hasValidMinute() || shown.isFull;
  const score = isValid ? scoresText(typed ?? current(), shown.match.scoring) : t("official.invalid_score");
  write(find("report"), t("official.report", { score }));
  write(find("minute-error"), hasValidMinute() ? "" : t("official.invalid_minute"));
}

function hasValidMinute() {
  const minute = find("minute").value.trim();
  return minute === "" || isMinute(minute);
}

function sendTyped() {
  typed = scoreTyped();
  const action = typedChange();
  const made = after(play(), action, rules());
  if (!made || !hasValidMinute()) return;
  const sentence = t("official.report", { score: `${pointsText(play(), shown.match)} → ${pointsText(made, shown.match)}` });
  if (!isUnlikely(typed, current(), rules()) || confirm(`${sentence}?`)) send(action, null);
}

function tap(side, step) {
  const action = { kind: "points", by: by(side, step).map((each, index) => each + typedChange().by[index]) };
  if (hasValidMinute()) send(action, step > 0 ? side : null);
}

/** `side` is the team that scored, if a tap says so. */
function send(action, side) {
  const fields = GOAL.map((id) => [id, find(id).value.trim()]).filter(([, value]) => value);
  const team = side === null ? {} : { team: shown.match.participants[side].id };
  if (!act(action, fields.length ? { ...Object.fromEntries(fields), ...team } : {})) return;
  typed = null;
  for (const id of GOAL) find(id).value = "";
}

/** Offer for a while to take back what a tap has made of `before`. */
export function offerUndo(before, made) {
  navigator.vibrate?.(VIBRATION_MS);
  undoable = { matchId: shown.match.match_id, action: undoing(before, made) };
  clearTimeout(undoTimer);
  undoTimer = setTimeout(() => showScores(shown, shown.isEnabled, forgetUndo()), UNDO_MS);
}

function undo() {
  const { matchId, action } = undoable;
  forgetUndo();
  find("title").focus();
  if (matchId === shown.match.match_id) act(action, {});
}

function forgetUndo() {
  clearTimeout(undoTimer);
  undoable = null;
}
