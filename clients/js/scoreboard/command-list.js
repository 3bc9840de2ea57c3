/** The official's commands with their outcomes. */

import { currentScore, isOpen, permitted, reapplied, storedScore } from "./command-log.js";
import { copyOf, find, place, write } from "./elements.js";
import { t } from "./i18n.js";

const SETTLED_SHOWN = 5;

const elements = new Map();

/** `repeat(id)` sends an entry again, `apply(entry, score)` its change upon what is stored. */
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
  const score = isOffered ? reapplied(storedScore(log, match), entry) : null;
  element.dataset.status = entry.status;
  write(what, entry.label);
  write(outcome, entry.status === "sending" ? sending : entry.sentence);
  write(button, score ? offer(score, currentScore(log, match)) : t("official.send_again"));
  button.onclick = () => (score ? apply(entry, score) : repeat(entry.id));
  button.hidden = entry.status !== "unsure" && !score;
  return element;
}

function offer(score, stored) {
  return t("official.apply", { stored: stored.join("–"), score: score.join("–") });
}

function elementOf({ id }) {
  if (!elements.has(id)) elements.set(id, copyOf("entry"));
  return elements.get(id);
}
