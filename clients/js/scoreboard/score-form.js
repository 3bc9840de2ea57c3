/** The two scores in the official's controls: tapped or typed. */

import { copyOf, find, place, write } from "./elements.js";
import { onSubmit } from "./dialogs.js";
import { currentScore, isScore, scoreAfterTap } from "./command-log.js";
import { nameOf } from "./labels.js";

const SIDES = [0, 1];
const GOAL = ["minute", "scorer"];

const sides = [];
let typed = null;
let shown = null;
let give = null;

/** `report(score, details)` sends a score. */
export function createScoreForm(report) {
  give = report;
  sides.push(...SIDES.map(newSide));
  place(find("sides"), [find("sides").firstElementChild, ...sides.map((side) => side.element)]);
  onSubmit("score", () => scoreTyped().every(isScore) && send(scoreTyped(), null));
  find("score").oninput = typing;
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
}

export function showScores(view, isEnabled) {
  shown = { ...view, isEnabled };
  find("score").hidden = view.role === "spectator";
  find("goal").hidden = !isEnabled;
  for (const side of SIDES) showSide(side);
  showDraft();
}

function showSide(side) {
  const { label, less, input, more } = sides[side];
  const name = nameOf(shown.match, side);
  const score = currentScore(shown.log, shown.match);
  write(label, name);
  less.setAttribute("aria-label", `−1 ${name}`);
  more.setAttribute("aria-label", `+1 ${name}`);
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
  find("report").hidden = !shown.isEnabled || !isNew;
  find("report").disabled = !score.every(isScore);
  write(find("draft"), score.every(isScore) ? score.join("–") : "(enter two whole numbers)");
}

function tap(side, step) {
  const score = scoreAfterTap(typed ?? currentScore(shown.log, shown.match), side, step);
  if (score) send(score, step > 0 ? side : null);
}

/** `side` is the team that scored, if a tap says so. */
function send(score, side) {
  const fields = GOAL.map((id) => [id, find(id).value.trim()]).filter(([, value]) => value);
  const team = side === null ? {} : { team: shown.match.participants[side].id };
  const details = fields.length ? { ...Object.fromEntries(fields), ...team } : null;
  typed = null;
  for (const id of GOAL) find(id).value = "";
  give(score, details);
}
