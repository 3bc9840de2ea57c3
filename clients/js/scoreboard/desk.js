/** The official's view of one match: what may be done to it, and what has become of it. */

import { copyOf, find, place, write } from "./elements.js";
import { showEntries } from "./entries.js";
import { forgetTyped, makeScores, showScores } from "./scores.js";
import { attachSheets, closeSheets, whenSent } from "./sheets.js";
import { currentScore, permitted } from "./taps.js";
import { timeline } from "./timeline.js";
import { clock, nameOf } from "./words.js";

const ACTIONS = ["start", "pause", "resume", "complete", "cancel", "dispute"];

const STATES = {
  scheduled: "Not begun",
  live: "Being played",
  paused: "Paused",
  disputed: "Disputed: no scores until play goes on, or the match is completed",
  completed: "Over",
  cancelled: "Called off",
};

const ROLES = {
  official: "",
  participant: ". You play in it: you may open a dispute.",
  spectator: ". Your token does not run this match; you may watch it.",
};

const winners = [];
let shown = null;

/** `give(kind, more)` takes what the official wants: `more` is a score, a winner or a reason. */
export function makeDesk(give) {
  winners.push(...[0, 1, null].map(newWinner));
  place(find("winners"), [find("winners").firstElementChild, ...winners.map((one) => one.element)]);
  makeScores((score, details) => give("score", { score, details }));
  for (const action of ["start", "pause", "resume"]) find(action).onclick = () => give(action);
  whenSent("completion", () => give("complete", completion()));
  find("completion").onchange = showResult;
  whenSent("disputing", () => give("dispute", { reason: find("reason").value.trim() }));
  whenSent("cancelling", () => give("cancel"));
  attachSheets();
}

function newWinner(side) {
  const element = copyOf("winner");
  const [input, label] = element.children;
  input.value = String(side);
  return { element, side, input, label };
}

/** Another match is chosen: nothing typed for the last one may reach it. */
export function clearDesk() {
  forgetTyped();
  for (const form of find("desk").querySelectorAll("form")) form.reset();
  closeSheets();
}

/** `desk` is `{match, role, log, history, isConnected}`; `repeat(id)` sends an entry again. */
export function showDesk(desk, repeat) {
  const focused = document.activeElement;
  shown = desk;
  const may = permitted(desk.role, desk.match.state);
  write(find("state"), (STATES[desk.match.state] ?? desk.match.state) + ROLES[desk.role]);
  for (const action of ACTIONS) find(action).hidden = !may[action];
  closeSheets((button) => may[button]);
  showScores(desk, may.score);
  showWinners();
  showEntries(desk, repeat);
  showDisputes(desk);
  if (focused?.closest("#desk [hidden]")) find("title").focus();
}

function showWinners() {
  for (const { side, label } of winners) {
    write(label, side === null ? "Nobody: a draw" : nameOf(shown.match, side));
  }
  showResult();
}

function showResult() {
  const score = currentScore(shown.log, shown.match);
  const chosen = winners.find(({ input }) => input.checked);
  const leads = score[0] === score[1] ? null : Number(score[1] > score[0]);
  const odd = chosen && chosen.side !== leads ? " The score says otherwise: is it right?" : "";
  write(find("result"), `The final score is ${score.join("–")}.${odd} This cannot be undone.`);
}

function completion() {
  const { side } = winners.find(({ input }) => input.checked);
  const winner = side === null ? null : shown.match.participants[side].id;
  return { winner, score: currentScore(shown.log, shown.match) };
}

function showDisputes({ history, match }) {
  const rows = timeline(history).filter((row) => row.kind === "disputed");
  const stateOf = (row) => (match.state === "disputed" && row === rows.at(-1) ? "Open" : "Closed");
  place(find("disputes"), rows.map((row) => disputeElement(row, stateOf(row))));
  find("disputes-part").hidden = rows.length === 0;
}

function disputeElement(row, state) {
  const element = copyOf("moment");
  const reason = [row.by, row.reason].filter(Boolean).join(": ");
  for (const [index, text] of [clock(row.atMs), reason, state].entries()) {
    write(element.children[index], text);
  }
  return element;
}
