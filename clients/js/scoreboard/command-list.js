/** The official's commands with their outcomes. */

import { currentPlay, isOpen, permitted, reapplied } from "./command-log.js";
import { copyOf, find, place, write } from "./elements.js";
import { t } from "./i18n.js";
import { playText } from "./play-labels.js";

const SETTLED_SHOWN = 5;

const elements = new Map();

/** `repeat(id)` sends an entry again, `apply(entry)` its change upon what is stored. */
export function showCommands(view, { repeat, apply }) {
  const { log, match } = view;
  let settled = 0;
  const isShown = (entry) => isOpen(entry) || ++settled <= SETTLED_SHOWN;
  const ours = log.filter((entry) => entry.matchId === match.match_id).reverse().filter(isShown);
  place(find("log"), ours.map((entry) => show(elementOf(entry), entry, view, { repeat, apply })));
  find("log-part").hidden = ours.length === 0;
}

function show(element, entry, { log, match, role, isConnected }, { repeat, apply }) {
  const [what, outcome, button] = element.children;
  const sending = t(isConnected ? "official.sending" : "official.not_sent");
  const isOffered = entry.status === "conflict" && permitted(role, match.state).score;
  const applied = isOffered ? reapplied(log, match, entry) : null;
  element.dataset.status = entry.status === "sending" && !isConnected ? "unsent" : entry.status;
  write(what, entry.label);
  write(outcome, entry.status === "sending" ? sending : entry.sentence);
  write(button, applied ? offer(applied.play, currentPlay(log, match), match) : t("official.send_again"));
  button.onclick = () => (applied ? apply(entry) : repeat(entry.id));
  button.hidden = entry.status !== "unsure" && !applied;
  return element;
}

function offer(play, stored, match) {
  return t("official.apply", { stored: playText(stored, match), score: playText(play, match) });
}

function elementOf({ id }) {
  if (!elements.has(id)) elements.set(id, copyOf("entry"));
  return elements.get(id);
}
