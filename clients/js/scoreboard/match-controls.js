/** The official's controls for one match, with the outcomes of commands and its disputes. */

import { currentScore, permitted } from "./command-log.js";
import { showCommands } from "./command-list.js";
import { attachDialogs, closeDialogs, onSubmit } from "./dialogs.js";
import { copyOf, find, place, write } from "./elements.js";
import { t } from "./i18n.js";
import { clock, nameOf, textOf } from "./labels.js";
import { clearDraft, createScoreForm, showScores } from "./score-form.js";
import { timeline } from "./timeline.js";

const ACTIONS = ["start", "pause", "resume", "complete", "cancel", "dispute"];
const STATES = ["scheduled", "live", "paused", "disputed", "completed", "cancelled", "postponed"];

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

/** `view` is `{match, role, log, messages, isConnected}`; `repeat(id)` sends an entry again. */
export function showControls(view, repeat) {
  const focused = document.activeElement;
  shown = view;
  const permittedActions = permitted(view.role, view.match.state);
  write(find("state"), stateText(view));
  for (const action of ACTIONS) find(action).hidden = !permittedActions[action];
  closeDialogs((button) => permittedActions[button]);
  showScores(view, permittedActions.score);
  showWinners();
  showCommands(view, repeat);
  showDisputes(view);
  if (focused?.closest("#controls [hidden]")) find("title").focus();
}

function stateText({ match, role }) {
  const state = STATES.includes(match.state) ? t(`state.${match.state}`) : textOf(match.state);
  return t(`role.${role}`, { state });
}

function showWinners() {
  for (const { side, label } of winners) {
    write(label, side === null ? t("official.draw") : nameOf(shown.match, side));
  }
  showResult();
}

function showResult() {
  const score = currentScore(shown.log, shown.match);
  const chosen = winners.find(({ input }) => input.checked);
  const leads = score[0] === score[1] ? null : Number(score[1] > score[0]);
  const isOdd = chosen && chosen.side !== leads;
  const sentences = [
    t("official.final_score", { score: score.join("–") }),
    isOdd ? t("official.odd_winner") : "",
    t("official.not_undone"),
  ];
  write(find("result"), sentences.filter(Boolean).join(" "));
}

function completion() {
  const { side } = winners.find(({ input }) => input.checked);
  const winner = side === null ? null : shown.match.participants[side].id;
  return { winner, score: currentScore(shown.log, shown.match) };
}

function showDisputes({ messages, match }) {
  const rows = timeline(messages).filter((row) => row.kind === "disputed");
  const stateOf = (row) => t(match.state === "disputed" && row === rows.at(-1) ? "official.open" : "official.closed");
  place(find("disputes"), rows.map((row) => disputeElement(row, stateOf(row))));
  find("disputes-part").hidden = rows.length === 0;
}

function disputeElement(row, state) {
  const element = copyOf("timeline-row");
  const reason = [textOf(row.by), textOf(row.reason, 500)].filter(Boolean).join(": ");
  const [time, sentence, outcome] = element.children;
  write(time, clock(row.atMs));
  write(sentence.lastElementChild, reason);
  write(outcome, state);
  return element;
}
