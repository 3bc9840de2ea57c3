/** The official's controls for one match, with the outcomes of commands and its disputes. */

import { permitted } from "./command-log.js";
import { showCommands } from "./command-list.js";
import { attachDialogs, closeDialogs, onSubmit } from "./dialogs.js";
import { showDisputes } from "./disputes.js";
import { find, write } from "./elements.js";
import { t } from "./i18n.js";
import { textOf } from "./labels.js";
import { createResultForms, showResultForms } from "./result-forms.js";
import { clearDraft, createScoreForm, showScores } from "./score-form.js";

const AT_ONCE = ["start", "pause", "hold", "resume", "reschedule"];
const IN_DIALOGS = ["complete", "award", "dispute", "postpone", "unstart", "cancel", "amend", "reopen"];
const STATES = ["scheduled", "live", "paused", "disputed", "completed", "cancelled", "postponed"];
const REOPENED = ["live", "paused", "scheduled"];

let give = null;

/** `send(kind, more)` sends a command: `more` is a score, a result or a reason. */
export function createControls(send) {
  give = send;
  createScoreForm((score, details, base) => give("score", { score, details, base }));
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

/** Another match was chosen: a draft for the previous one must not reach it. */
export function clearControls() {
  clearDraft();
  for (const form of find("controls").querySelectorAll("form")) form.reset();
  closeDialogs();
}

/**
 * `view` is `{match, role, log, messages, isConnected, config}`; `repeat(id)` sends an entry again,
 * `apply(entry, score)` its change upon what is stored.
 */
export function showControls(view, { repeat, apply }) {
  const focused = document.activeElement;
  const permittedActions = permitted(view.role, view.match.state);
  write(find("state"), stateText(view));
  for (const action of [...AT_ONCE, ...IN_DIALOGS]) find(action).hidden = !permittedActions[action];
  closeDialogs((button) => permittedActions[button]);
  showScores(view, permittedActions.score);
  showResultForms(view);
  showCommands(view, { repeat, apply });
  showDisputes(view, (dispute, resolution) => give("resolve", { dispute, resolution }));
  if (focused?.closest("#controls [hidden]")) find("title").focus();
}

function stateText({ match, role }) {
  const state = STATES.includes(match.state) ? t(`state.${match.state}`) : textOf(match.state);
  return t(`role.${role}`, { state });
}
