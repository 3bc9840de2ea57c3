/** The official's controls for one match, with the outcomes of commands and its disputes. */

import { actedOn, currentPlay, detailsWith, isFull, permitted } from "./command-log.js";
import { showCommands } from "./command-list.js";
import { attachDialogs, closeDialogs, onSubmit } from "./dialogs.js";
import { showDisputes } from "./disputes.js";
import { find, write } from "./elements.js";
import { t } from "./i18n.js";
import { textOf } from "./labels.js";
import { createPlayControls, showPlayControls } from "./play-controls.js";
import { actionText } from "./play-labels.js";
import { createResultForms, showResultForms } from "./result-forms.js";
import { clearDraft, createScoreForm, offerUndo, showScores } from "./score-form.js";

const AT_ONCE = ["start", "pause", "hold", "resume", "reschedule"];
const IN_DIALOGS = ["complete", "award", "dispute", "postpone", "unstart", "cancel", "amend", "reopen"];
const STATES = ["scheduled", "live", "paused", "disputed", "completed", "cancelled", "postponed"];
const REOPENED = ["live", "paused", "scheduled"];
/** Actions that are taken back by pressing something else. */
const NOT_UNDONE = ["undo", "clock"];

let give = null;
let shown = null;

/** `send(kind, more, label)` sends a command: `more` is a score, a result or a reason. */
export function createControls(send) {
  give = (kind, more) => send(kind, more, t(`command.${kind}`));
  createScoreForm((action, details) => act(send, action, details));
  createPlayControls((action, details) => act(send, action, details));
  createResultForms(give);
  find("reopen-state").replaceChildren(...REOPENED.map((state) => new Option(t(`state.${state}`), state)));
  for (const action of AT_ONCE) find(action).onclick = () => give(action);
  onSubmit("disputing", () => give("dispute", { reason: textIn("reason") }));
  onSubmit("postponing", () => give("postpone"));
  onSubmit("unstarting", () => give("unstart"));
  onSubmit("cancelling", () => give("cancel"));
  onSubmit("reopening", () => give("reopen", { state: find("reopen-state").value, reason: textIn("reopen-reason") }));
  attachDialogs();
}

const textIn = (id) => find(id).value.trim();

/** Send what an action makes of the score, and offer to take it back; false if it is not possible. */
function act(send, action, ofAction) {
  const { match, log } = shown;
  const fields = actedOn(log, match, action);
  if (!fields) return false;
  const details = detailsWith(match.details, ofAction);
  const isTaken = send("score", { ...fields, details, scoring: match.scoring }, actionText(fields, match));
  if (isTaken && !NOT_UNDONE.includes(action.kind)) offerUndo(currentPlay(log, match), fields.play);
  return isTaken;
}

/** Another match was chosen: a draft for the previous one must not reach it. */
export function clearControls() {
  clearDraft();
  for (const form of find("controls").querySelectorAll("form")) form.reset();
  closeDialogs();
}

/**
 * `view` is `{match, role, log, messages, isConnected, config, serverMs}`, and `rows` its timeline;
 * `repeat(id)` sends an entry again, `apply(entry)` its change upon what is stored.
 */
export function showControls(view, rows, { repeat, apply }) {
  const focused = document.activeElement;
  const permittedActions = permitted(view.role, view.match.state);
  shown = { ...view, isFull: isFull(view.log) };
  write(find("state"), stateText(view));
  write(find("full"), shown.isFull ? t("official.full") : "");
  for (const action of [...AT_ONCE, ...IN_DIALOGS]) find(action).hidden = !permittedActions[action];
  closeDialogs((button) => permittedActions[button] ?? permittedActions.score);
  showScores(shown, permittedActions.score);
  showPlayControls(shown, permittedActions.score, rows);
  showResultForms(shown);
  showCommands(shown, { repeat, apply });
  showDisputes(shown, (dispute, resolution) => give("resolve", { dispute, resolution }));
  if (focused?.closest("#controls [hidden]")) find("title").focus();
}

function stateText({ match, role }) {
  const state = STATES.includes(match.state) ? t(`state.${match.state}`) : textOf(match.state);
  return t(`role.${role}`, { state });
}
