/** The forms under the official's buttons: opening, closing, submitting. */

import { find } from "./elements.js";

const DIALOGS = {
  complete: "completion",
  award: "awarding",
  dispute: "disputing",
  postpone: "postponing",
  unstart: "unstarting",
  cancel: "cancelling",
  amend: "amending",
  reopen: "reopening",
  "set-clock": "clock-setting",
  "remove-clock": "clock-removal",
  "remove-shootout": "shootout-removal",
  "complete-tournament": "tournament-completion",
  "reopen-tournament": "tournament-reopening",
};

export function attachDialogs() {
  for (const [button, dialog] of Object.entries(DIALOGS)) {
    find(button).onclick = () => toggle(find(button), find(dialog));
    find(dialog).querySelector("[data-close]").onclick = () => {
      close(find(button), find(dialog));
      find(button).focus();
    };
  }
}

export function closeDialogs(isKept = () => false) {
  for (const [button, dialog] of Object.entries(DIALOGS)) {
    if (!isKept(button)) close(find(button), find(dialog));
  }
}

/** Call `act` when the form is submitted; a dialog is cleared and closed afterwards. */
export function onSubmit(form, act) {
  find(form).onsubmit = (event) => {
    event.preventDefault();
    act();
    if (!event.target.matches(".dialog")) return;
    closeDialogs();
    event.target.reset();
    find("title").focus();
  };
}

function toggle(button, dialog) {
  if (!dialog.hidden) return close(button, dialog);
  closeDialogs();
  dialog.hidden = false;
  button.setAttribute("aria-expanded", "true");
  dialog.querySelector("input, select, textarea, button").focus();
}

function close(button, dialog) {
  dialog.hidden = true;
  button.setAttribute("aria-expanded", "false");
}
