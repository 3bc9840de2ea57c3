/** The two scores of the official's view: tapped, or typed. */

import { copyOf, find, place, write } from "./elements.js";
import { whenSent } from "./sheets.js";
import { currentScore, isScore, tapped } from "./taps.js";
import { nameOf } from "./words.js";

const SIDES = [0, 1];
const GOAL = ["minute", "scorer"];

const sides = [];
let typed = null;
let shown = null;
let give = null;

/** `report(score, details)` takes what the official wants the score to be. */
export function makeScores(report) {
  give = report;
  sides.push(...SIDES.map(newSide));
  place(find("sides"), [find("sides").firstElementChild, ...sides.map((side) => side.element)]);
  whenSent("score", () => scoreTyped().every(isScore) && send(scoreTyped(), null));
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

export function forgetTyped() {
  typed = null;
}

export function showScores(desk, isEnabled) {
  shown = { ...desk, isEnabled };
  find("score").hidden = desk.role === "spectator";
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
  less.disabled = !shown.isEnabled || !tapped(typed ?? score, side, -1);
}

function typing({ target }) {
  if (sides.some(({ input }) => input === target)) typed = scoreTyped();
  showDraft();
}

function scoreTyped() {
  return sides.map(({ input }) => (/^\d{1,7}$/.test(input.value) ? Number(input.value) : NaN));
}

/** What would be reported, where it is anything but the score that stands. */
function showDraft() {
  const current = currentScore(shown.log, shown.match);
  if (typed?.every((goals, side) => goals === current[side])) typed = null;
  const score = typed ?? current;
  const isNew = typed || GOAL.some((id) => find(id).value.trim());
  find("report").hidden = !shown.isEnabled || !isNew;
  find("report").disabled = !score.every(isScore);
  write(find("draft"), score.every(isScore) ? score.join("–") : "(two whole numbers are needed)");
}

function tap(side, step) {
  const score = tapped(typed ?? currentScore(shown.log, shown.match), side, step);
  if (score) send(score, step > 0 ? side : null);
}

/** `side` is who has scored, where it was a tap that said so. */
function send(score, side) {
  const said = GOAL.map((id) => [id, find(id).value.trim()]).filter(([, value]) => value);
  const team = side === null ? {} : { team: shown.match.participants[side].id };
  const details = said.length ? { ...Object.fromEntries(said), ...team } : null;
  typed = null;
  for (const id of GOAL) find(id).value = "";
  give(score, details);
}
