/** The small forms under the official's buttons: how they open, close and are sent. */

import { find } from "./elements.js";

const SHEETS = { complete: "completion", dispute: "disputing", cancel: "cancelling" };

export function attachSheets() {
  for (const [button, sheet] of Object.entries(SHEETS)) {
    find(button).onclick = () => toggle(find(button), find(sheet));
    find(sheet).querySelector("[data-close]").onclick = () => {
      close(find(button), find(sheet));
      find(button).focus();
    };
  }
}

export function closeSheets(isKept = () => false) {
  for (const [button, sheet] of Object.entries(SHEETS)) {
    if (!isKept(button)) close(find(button), find(sheet));
  }
}

/** A form's own way to be sent; afterwards its sheet, if it is one, is empty and closed. */
export function whenSent(form, act) {
  find(form).onsubmit = (event) => {
    event.preventDefault();
    act();
    if (!event.target.matches(".sheet")) return;
    closeSheets();
    event.target.reset();
    find("title").focus();
  };
}

function toggle(button, sheet) {
  if (!sheet.hidden) return close(button, sheet);
  closeSheets();
  sheet.hidden = false;
  button.setAttribute("aria-expanded", "true");
  sheet.querySelector("input, textarea, button").focus();
}

function close(button, sheet) {
  sheet.hidden = true;
  button.setAttribute("aria-expanded", "false");
}
