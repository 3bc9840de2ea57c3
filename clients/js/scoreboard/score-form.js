/** The two scores in the official's controls: tapped or typed. */

import { baseOf, currentScore, detailsWith, isMinute, isScore, isUnlikely, scoreAfterTap } from "./command-log.js";
import { onSubmit } from "./dialogs.js";
import { copyOf, find, place, write } from "./elements.js";
import { t } from "./i18n.js";
import { nameOf } from "./labels.js";

const SIDES = [0, 1];
const GOAL = ["minute", "scorer"];
const UNDO_MS = 8_000;
const VIBRATION_MS = 30;

const sides = [];
let typed = null;
let shown = null;
let report = null;
let undoable = null; // the score before the last tap, and its details
let undoTimer = null;

/** `send(score, details, base)` sends a score that is built upon `base`. */
export function createScoreForm(send) {
  report = send;
  sides.push(...SIDES.map(newSide));
  place(find("sides"), [find("sides").firstElementChild, ...sides.map((side) => side.element)]);
  onSubmit("score", sendTyped);
  find("score").oninput = typing;
  find("undo").onclick = undo;
}

function newSide(side) {
  const element = copyOf("side");
  const [label, less, input, more] = element.children;
  input.id = `score-${side}`;
  label.htmlFor = input.id;
  for (const button of [less, more]) button.onclick = () => tap(side, Number(button.dataset.step));
  return { element, label, less, input, more };
}

export function clearDraft() {
  typed = null;
  forgetUndo();
}

export function showScores(view, isEnabled) {
  shown = { ...view, isEnabled };
  find("score").hidden = view.role === "spectator";
  find("goal").hidden = !isEnabled;
  find("undo-part").hidden = !isEnabled || !undoable;
  for (const side of SIDES) showSide(side);
  showDraft();
}

function showSide(side) {
  const { label, less, input, more } = sides[side];
  const team = nameOf(shown.match, side);
  const score = currentScore(shown.log, shown.match);
  write(label, team);
  less.setAttribute("aria-label", t("official.remove_goal", { team }));
  more.setAttribute("aria-label", t("official.add_goal", { team }));
  if (!typed) input.value = score[side];
  for (const part of [input, more]) part.disabled = !shown.isEnabled;
  less.disabled = !shown.isEnabled || !scoreAfterTap(typed ?? score, side, -1);
}

function typing({ target }) {
  if (sides.some(({ input }) => input === target)) typed = scoreTyped();
  showDraft();
}

function scoreTyped() {
  return sides.map(({ input }) => (/^\d{1,7}$/.test(input.value) ? Number(input.value) : NaN));
}

/** The score that would be reported, if it differs from the current one. */
function showDraft() {
  const current = currentScore(shown.log, shown.match);
  if (typed?.every((goals, side) => goals === current[side])) typed = null;
  const score = typed ?? current;
  const isNew = typed || GOAL.some((id) => find(id).value.trim());
  const isValid = score.every(isScore);
  find("report").hidden = !shown.isEnabled || !isNew;
  find("report").disabled = !isValid || !hasValidMinute();
  write(find("report"), t("official.report", { score: isValid ? score.join("–") : t("official.invalid_score") }));
  write(find("minute-error"), hasValidMinute() ? "" : t("official.invalid_minute"));
}

function hasValidMinute() {
  const minute = find("minute").value.trim();
  return minute === "" || isMinute(minute);
}

function sendTyped() {
  const score = scoreTyped();
  const current = currentScore(shown.log, shown.match);
  if (!score.every(isScore) || !hasValidMinute()) return;
  const sentence = t("official.report", { score: `${current.join("–")} → ${score.join("–")}` });
  if (!isUnlikely(score, current) || confirm(`${sentence}?`)) send(score, null);
}

function tap(side, step) {
  const before = typed ?? currentScore(shown.log, shown.match);
  const score = scoreAfterTap(before, side, step);
  if (!score || !hasValidMinute()) return;
  navigator.vibrate?.(VIBRATION_MS);
  undoable = { matchId: shown.match.match_id, score: before, details: shown.match.details };
  clearTimeout(undoTimer);
  undoTimer = setTimeout(() => showScores(shown, shown.isEnabled, forgetUndo()), UNDO_MS);
  send(score, step > 0 ? side : null);
}

function undo() {
  const { matchId, score, details } = undoable;
  forgetUndo();
  find("title").focus();
  if (matchId === shown.match.match_id) report(score, detailsWith(details, {}), baseOf(shown.log, shown.match));
}

function forgetUndo() {
  clearTimeout(undoTimer);
  undoable = null;
}

/** `side` is the team that scored, if a tap says so. */
function send(score, side) {
  const fields = GOAL.map((id) => [id, find(id).value.trim()]).filter(([, value]) => value);
  const team = side === null ? {} : { team: shown.match.participants[side].id };
  const goal = fields.length ? { ...Object.fromEntries(fields), ...team } : {};
  typed = null;
  for (const id of GOAL) find(id).value = "";
  report(score, detailsWith(shown.match.details, goal), baseOf(shown.log, shown.match));
}
