/** The official's commands with their outcomes. */

import { isOpen } from "./command-log.js";
import { copyOf, find, place, write } from "./elements.js";
import { t } from "./i18n.js";

const SETTLED_SHOWN = 5;

const elements = new Map();

/** `repeat(id)` sends an entry again. */
export function showCommands({ log, match, isConnected }, repeat) {
  let settled = 0;
  const isShown = (entry) => isOpen(entry) || ++settled <= SETTLED_SHOWN;
  const ours = log.filter((entry) => entry.matchId === match.match_id).reverse().filter(isShown);
  place(find("log"), ours.map((entry) => show(elementOf(entry, repeat), entry, isConnected)));
  find("log-part").hidden = ours.length === 0;
}

function show(element, entry, isConnected) {
  const [what, outcome, button] = element.children;
  const sending = t(isConnected ? "official.sending" : "official.not_sent");
  element.dataset.status = entry.status;
  write(what, entry.label);
  write(outcome, entry.status === "sending" ? sending : entry.sentence);
  button.hidden = entry.status !== "unsure";
  return element;
}

function elementOf({ id }, repeat) {
  if (!elements.has(id)) {
    elements.set(id, copyOf("entry"));
    elements.get(id).lastElementChild.onclick = () => repeat(id);
  }
  return elements.get(id);
}
