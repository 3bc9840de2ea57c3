/** An official's commands: sending, repeating, and their outcomes. */

import { announce } from "./announcer.js";
import * as entries from "./command-log.js";
import { outcomeOf } from "./error-messages.js";
import { t } from "./i18n.js";
import { clock } from "./labels.js";
import { loadCommands, saveCommands } from "./session-store.js";

const REPEAT_MS = 2_000;

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

/** By match, when its last command has an outcome: a score's base is the revision before it. */
const ends = new Map();
let log = [];
let changed = null;
let sender = null; // `{official, whenLive}`: a connection's commands, and a promise of its being live

/** `listener` is called after every change of the log. */
export function onCommandsChange(listener) {
  changed = listener;
}

export const commandLog = () => log;
export const hasOpenCommands = () => log.some(entries.isOpen);

/** Send what was tapped before this tab was reloaded, then what follows. */
export function startCommands(through) {
  sender = through;
  log = entries.restored(loadCommands());
  for (const entry of log) if (entry.status === "sending") send(entry);
}

export function forgetCommands() {
  log = [];
  saveCommands(log);
}

/**
 * Send a command for a match: `more` is a result or a reason, or the fields of a score's entry with
 * its details. Returns whether it was taken: without a network only so many are.
 */
export function giveCommand(matchId, kind, more, label) {
  if (entries.isFull(log)) return false;
  const id = `tap-${Date.now()}-${Math.random().toString(36).slice(2, 10)}`;
  const fields = kind === "score" ? more : { asked: more };
  const entry = { id, kind, target: KINDS[kind][0], matchId, label, ...fields };
  log = entries.added(log, entry);
  send(entry);
  return true;
}

export function repeat(id) {
  log = entries.again(log, id);
  send(log.find((entry) => entry.id === id));
}

function send(entry) {
  const end = (ends.get(entry.matchId) ?? Promise.resolve()).then(() => run(entry)).then(
    ({ revision }) => settle(entry, accepted(entry, revision)),
    (error) => settle(entry, outcomeOf(error, entry)),
  );
  ends.set(entry.matchId, end);
  noteChange();
}

/** A score is sent until it has an outcome, each time as the same one; any other command once. */
async function run({ id, kind, matchId, asked }) {
  if (kind !== "score") return KINDS[kind][1](sender.official, matchId, asked);
  rebase(id);
  for (;;) {
    await sender.whenLive();
    try {
      return await reportScore(sender.official, matchId, log.find((entry) => entry.id === id));
    } catch (error) {
      if (outcomeOf(error, {}).status !== "unsure") throw error;
      await new Promise((resume) => setTimeout(resume, error.retryAfterMs ?? REPEAT_MS));
    }
  }
}

/** Fixed when a score is first sent: sent again, it is the same score upon the same base. */
function rebase(id) {
  const { base } = log.find((entry) => entry.id === id);
  log = entries.rebased(log, id, entries.settledBase(log, base));
  noteChange();
}

function accepted({ play }, revision) {
  return { status: "done", sentence: t("official.saved", { time: clock(Date.now()) }), known: play && { revision, play } };
}

function settle(entry, outcome) {
  log = entries.settled(log, entry.id, outcome);
  announce([t("command.outcome", { command: entry.label, outcome: outcome.sentence })]);
  noteChange();
}

function noteChange() {
  saveCommands(log);
  changed();
}

function changeTo(state) {
  return (official, match) => official.changeState(match, state);
}

/** A score that takes another one back says which: by default the one that it is built upon. */
function reportScore(official, match, { id, action, play, changes, details, base }) {
  const corrects = action.corrects ?? (action.kind === "undo" ? base.revision : 0);
  const named = { details, corrects: corrects || null, baseRevision: base.revision };
  const given = Object.entries(named).filter(([, value]) => value !== null && value !== undefined);
  return official.reportScore(match, play.score, { ...changes, ...Object.fromEntries(given), updateId: id });
}
