/** The official's controls for one match, with the outcomes of commands and its disputes. */

import { copyOf, find, place, write } from "./elements.js";
import { showCommands } from "./command-list.js";
import { clearDraft, createScoreForm, showScores } from "./score-form.js";
import { attachDialogs, closeDialogs, onSubmit } from "./dialogs.js";
import { currentScore, permitted } from "./command-log.js";
import { timeline } from "./timeline.js";
import { clock, nameOf } from "./labels.js";

const ACTIONS = ["start", "pause", "resume", "complete", "cancel", "dispute"];

const STATES = {
  scheduled: "Not started",
  live: "Live",
  paused: "Paused",
  disputed: "Disputed: no scores until the match is resumed or completed",
  completed: "Finished",
  cancelled: "Cancelled",
};

const ROLES = {
  official: "",
  participant: ". You play in this match: you may open a dispute.",
  spectator: ". Your token does not let you run this match; you can watch it.",
};

const winners = [];
let shown = null;

/** `give(kind, more)` sends a command: `more` is a score, a winner or a reason. */
export function createControls(give) {
  winners.push(...[0, 1, null].map(newWinner));
  place(find("winners"), [find("winners").firstElementChild, ...winners.map((one) => one.element)]);
  createScoreForm((score, details) => give("score", { score, details }));
  for (const action of ["start", "pause", "resume"]) find(action).onclick = () => give(action);
  onSubmit("completion", () => give("complete", completion()));
  find("completion").onchange = showResult;
  onSubmit("disputing", () => give("dispute", { reason: find("reason").value.trim() }));
  onSubmit("cancelling", () => give("cancel"));
  attachDialogs();
}

function newWinner(side) {
  const element = copyOf("winner");
  const [input, label] = element.children;
  input.value = String(side);
  return { element, side, input, label };
}

/** Another match was chosen: a draft for the previous one must not reach it. */
export function clearControls() {
  clearDraft();
  for (const form of find("controls").querySelectorAll("form")) form.reset();
  closeDialogs();
}

/** `view` is `{match, role, log, history, isConnected}`; `repeat(id)` sends an entry again. */
export function showControls(view, repeat) {
  const focused = document.activeElement;
  shown = view;
  const permittedActions = permitted(view.role, view.match.state);
  write(find("state"), (STATES[view.match.state] ?? view.match.state) + ROLES[view.role]);
  for (const action of ACTIONS) find(action).hidden = !permittedActions[action];
  closeDialogs((button) => permittedActions[button]);
  showScores(view, permittedActions.score);
  showWinners();
  showCommands(view, repeat);
  showDisputes(view);
  if (focused?.closest("#controls [hidden]")) find("title").focus();
}

function showWinners() {
  for (const { side, label } of winners) {
    write(label, side === null ? "Draw" : nameOf(shown.match, side));
  }
  showResult();
}

function showResult() {
  const score = currentScore(shown.log, shown.match);
  const chosen = winners.find(({ input }) => input.checked);
  const leads = score[0] === score[1] ? null : Number(score[1] > score[0]);
  const warning = chosen && chosen.side !== leads ? " This does not match the score. Is it right?" : "";
  write(find("result"), `The final score is ${score.join("–")}.${warning} This cannot be undone.`);
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
  const element = copyOf("timeline-row");
  const reason = [row.by, row.reason].filter(Boolean).join(": ");
  for (const [index, text] of [clock(row.atMs), reason, state].entries()) {
    write(element.children[index], text);
  }
  return element;
}
