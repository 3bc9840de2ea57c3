/** An official's commands: sending, repeating, and their outcomes. */

import * as entries from "./command-log.js";
import { outcomeOf } from "./error-messages.js";
import { announce } from "./announcer.js";

const KINDS = {
  start: ["Start", "live", (official, match) => official.start(match)],
  pause: ["Pause", "paused", changeTo("paused")],
  resume: ["Resume", "live", changeTo("live")],
  cancel: ["Cancel", "cancelled", changeTo("cancelled")],
  dispute: ["Dispute", "disputed", (official, match, { reason }) => official.dispute(match, reason)],
  complete: ["Complete", "completed", (official, match, end) => official.complete(match, end)],
  score: ["Score", null, reportScore],
};

const commands = new Map();
let log = [];
let changed = null;

/** `listener` is called after every change of the log. */
export function onCommandsChange(listener) {
  changed = listener;
}

export const commandLog = () => log;
export const hasOpenCommands = () => log.some(entries.isOpen);

/** Send a command for a match: `more` is a score, a winner or a reason. */
export function giveCommand(official, matchId, kind, more = {}) {
  const id = `tap-${Date.now()}-${Math.random().toString(36).slice(2, 10)}`;
  const [name, target, run] = KINDS[kind];
  const score = kind === "score" ? more.score : null;
  const entry = { id, kind, target, matchId, score, label: score ? `${name} ${score.join("–")}` : name };
  commands.set(id, () => run(official, matchId, { ...more, updateId: id }));
  log = entries.added(log, entry);
  send(entry);
}

export function repeat(id) {
  log = entries.again(log, id);
  send(log.find((entry) => entry.id === id));
}

function send(entry) {
  commands.get(entry.id)().then(
    ({ revision }) => settle(entry, accepted(entry, revision)),
    (error) => settle(entry, outcomeOf(error, entry)),
  );
  changed();
}

function accepted({ score }, revision) {
  const known = score && { revision, score };
  return { status: "done", sentence: "Saved", known };
}

function settle(entry, outcome) {
  log = entries.settled(log, entry.id, outcome);
  announce([`${entry.label}: ${outcome.sentence}`]);
  changed();
}

function changeTo(state) {
  return (official, match) => official.changeState(match, state);
}

function reportScore(official, match, { score, details, updateId }) {
  return official.reportScore(match, score, { updateId, ...(details && { details }) });
}
