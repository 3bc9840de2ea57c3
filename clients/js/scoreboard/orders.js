/** An official's commands: given, sent again, and what has become of each. */

import * as taps from "./taps.js";
import { outcomeOf } from "./troubles.js";
import { say } from "./voice.js";

const KINDS = {
  start: ["Start", "live", (connection, match) => connection.start(match)],
  pause: ["Pause", "paused", changeTo("paused")],
  resume: ["Resume", "live", changeTo("live")],
  cancel: ["Call off", "cancelled", changeTo("cancelled")],
  dispute: ["Dispute", "disputed", (connection, match, { reason }) => connection.dispute(match, reason)],
  complete: ["Complete", "completed", (connection, match, end) => connection.complete(match, end)],
  score: ["Score", null, reportScore],
};

const commands = new Map();
let log = [];
let changed = null;

/** `listener` is called whenever the log has changed. */
export function whenOrdersChange(listener) {
  changed = listener;
}

export const orders = () => log;
export const hasOpenOrders = () => log.some(taps.isOpen);

/** Give a command, in the match's name: `more` is a score, a winner or a reason. */
export function order(connection, matchId, kind, more = {}) {
  const id = `tap-${Date.now()}-${Math.random().toString(36).slice(2, 10)}`;
  const [words, target, send] = KINDS[kind];
  const score = kind === "score" ? more.score : null;
  const entry = { id, kind, target, matchId, score, words: score ? `${words} ${score.join("–")}` : words };
  commands.set(id, () => send(connection, matchId, { ...more, updateId: id }));
  log = taps.asked(log, entry);
  perform(entry);
}

export function repeat(id) {
  log = taps.again(log, id);
  perform(log.find((entry) => entry.id === id));
}

function perform(entry) {
  commands.get(entry.id)().then(
    ({ revision }) => settle(entry, acknowledged(entry, revision)),
    (error) => settle(entry, outcomeOf(error, entry)),
  );
  changed();
}

function acknowledged({ score }, revision) {
  const known = score && { revision, score };
  return { status: "done", sentence: `Acknowledged, revision ${revision}`, known };
}

function settle(entry, outcome) {
  log = taps.settled(log, entry.id, outcome);
  say([`${entry.words}: ${outcome.sentence}`]);
  changed();
}

function changeTo(state) {
  return (connection, match) => connection.changeState(match, state);
}

function reportScore(connection, match, { score, details, updateId }) {
  return connection.reportScore(match, score, { updateId, ...(details && { details }) });
}
