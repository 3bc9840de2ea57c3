/** The list of an official's commands, each with what became of it. */

import { copyOf, find, place, write } from "./elements.js";
import { isOpen } from "./taps.js";

const SETTLED_SHOWN = 5;

const made = new Map();

/** `repeat(id)` sends an entry again. */
export function showEntries({ log, match, isConnected }, repeat) {
  let settled = 0;
  const isShown = (entry) => isOpen(entry) || ++settled <= SETTLED_SHOWN;
  const ours = log.filter((entry) => entry.matchId === match.match_id).reverse().filter(isShown);
  place(find("log"), ours.map((entry) => show(elementOf(entry, repeat), entry, isConnected)));
  find("log-part").hidden = ours.length === 0;
}

function show(element, entry, isConnected) {
  const [what, outcome, button] = element.children;
  const sending = isConnected ? "Sending…" : "No answer yet: waiting for the connection";
  element.dataset.status = entry.status;
  write(what, entry.words);
  write(outcome, entry.status === "sending" ? sending : entry.sentence);
  button.hidden = entry.status !== "unsure";
  return element;
}

function elementOf({ id }, repeat) {
  if (!made.has(id)) {
    made.set(id, copyOf("entry"));
    made.get(id).lastElementChild.onclick = () => repeat(id);
  }
  return made.get(id);
}
