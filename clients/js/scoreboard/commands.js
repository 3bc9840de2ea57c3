/** An official's commands: sending, repeating, and their outcomes. */

import { announce } from "./announcer.js";
import * as entries from "./command-log.js";
import { outcomeOf } from "./error-messages.js";
import { t } from "./i18n.js";
import { clock } from "./labels.js";

/** By kind: the state that it leads to, and how it is sent. */
const KINDS = {
  start: ["live", (official, match) => official.start(match)],
  pause: ["paused", changeTo("paused")],
  hold: ["disputed", changeTo("disputed")],
  resume: ["live", changeTo("live")],
  postpone: ["postponed", changeTo("postponed")],
  reschedule: ["scheduled", changeTo("scheduled")],
  unstart: ["scheduled", changeTo("scheduled")],
  cancel: ["cancelled", changeTo("cancelled")],
  complete: ["completed", (official, match, end) => official.complete(match, end)],
  amend: [null, (official, match, amendment) => official.amend(match, amendment)],
  reopen: [null, (official, match, { state, reason }) => official.reopen(match, state, reason)],
  dispute: [null, (official, match, { reason }) => official.dispute(match, reason)],
  resolve: [null, (official, match, { dispute, resolution }) => official.resolve(match, dispute, resolution)],
  score: [null, reportScore],
};

const commands = new Map();
/** By match, when its last command has an outcome: a score's base is the revision before it. */
const ends = new Map();
let log = [];
let changed = null;

/** `listener` is called after every change of the log. */
export function onCommandsChange(listener) {
  changed = listener;
}

export const commandLog = () => log;
export const hasOpenCommands = () => log.some(entries.isOpen);

/** Send a command for a match: `more` is a score with its base, a result or a reason. */
export function giveCommand(official, matchId, kind, more = {}) {
  const id = `tap-${Date.now()}-${Math.random().toString(36).slice(2, 10)}`;
  const [target, run] = KINDS[kind];
  const score = kind === "score" ? more.score : null;
  const label = t(`command.${kind}`, { score: score?.join("–") });
  const entry = { id, kind, target, matchId, score, base: more.base ?? null, details: more.details, label };
  // what the server does not know of a command, it refuses: only a score has an id and a base
  const asked = () => (kind === "score" ? { ...more, updateId: id, base: baseNow(id) } : more);
  commands.set(id, () => run(official, matchId, asked()));
  log = entries.added(log, entry);
  send(entry);
}

export function repeat(id) {
  log = entries.again(log, id);
  send(log.find((entry) => entry.id === id));
}

function send(entry) {
  const end = (ends.get(entry.matchId) ?? Promise.resolve()).then(commands.get(entry.id)).then(
    ({ revision }) => settle(entry, accepted(entry, revision)),
    (error) => settle(entry, outcomeOf(error, entry)),
  );
  ends.set(entry.matchId, end);
  changed();
}

/** Fixed when a score is first sent: sent again, it is the same score upon the same base. */
function baseNow(id) {
  const { base } = log.find((entry) => entry.id === id);
  if (!base) return null;
  log = entries.rebased(log, id, entries.settledBase(log, base));
  return log.find((entry) => entry.id === id).base;
}

function accepted({ score }, revision) {
  const known = score && { revision, score };
  return { status: "done", sentence: t("official.saved", { time: clock(Date.now()) }), known };
}

function settle(entry, outcome) {
  log = entries.settled(log, entry.id, outcome);
  announce([t("command.outcome", { command: entry.label, outcome: outcome.sentence })]);
  changed();
}

function changeTo(state) {
  return (official, match) => official.changeState(match, state);
}

function reportScore(official, match, { score, details, updateId, base }) {
  const known = base?.revision === undefined ? {} : { baseRevision: base.revision };
  return official.reportScore(match, score, { updateId, ...known, ...(details && { details }) });
}
