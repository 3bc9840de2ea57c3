/** The rows of a match's timeline. Pure. */

import { countsWon } from "./play.js";

/**
 * The messages as rows `{kind, sequence, revision, score, side, details, user, atMs, reason,
 * outcome, from, to}`, oldest first. `side` is the team that scored, if exactly one did: a goal, or points of any
 * number. Scores that were not received one by one are a row of kind `caught_up`. A row of kind
 * `period` has the `period` that ended, one of kind `kick` the `shots` after it.
 */
export function timeline(messages = [], { scoring, participants, periods } = {}) {
  const rows = [];
  const isGoal = scoring?.unit && scoring.unit !== "goals" ? isOneSides : isOneGoal;
  const areWon = countsWon(scoring) && list(periods).length > 0; // each is a row of its own
  let before = { score: [0, 0], ended: 0, shots: [0, 0] };
  for (const { type, data } of messages.flatMap(unmerged)) {
    const now = { score: scoreOf(data.after ?? data) ?? before.score, ended: endedIn(data) ?? before.ended };
    const added = now.score.map((points, side) => points - before.score[side]);
    const row = { sequence: data.sequence, revision: data.revision, score: now.score, details: detailsOf(data), user: userOf(data) };
    const hasEnded = now.ended > before.ended;
    Object.assign(row, partOf(type, data, { added, isGoal, participants, hasEnded, shots: before.shots }));
    before = { ...now, shots: row.shots ?? scoreOf(data.shootout) ?? before.shots };
    if (Number.isSafeInteger(data.corrects)) removeKick(rows, data.corrects);
    if (areWon && row.kind === "goal") row.kind = null;
    if (row.kind === "same") amend(rows, row);
    else if (row.kind) rows.push({ ...row, atMs: data.at ?? data.server_time ?? data.updated_at, ...extrasOf(data) });
  }
  return rows;
}

/** What kind of row a message is, and the fields of its own. */
function partOf(type, data, { added, isGoal, participants, hasEnded, shots }) {
  if (type !== "score_updated") return { kind: KINDS.get(type)?.(added, data) };
  const kick = kickOf(data, participants, shots);
  if (kick) return { kind: "kick", ...kick };
  if (hasEnded) return { kind: "period", period: data.periods.findLast(({ final }) => final) };
  if (isGoal(added)) return { kind: "goal", side: added[0] > 0 ? 0 : 1, points: Math.max(...added) };
  const isCorrection = data.correction === true || added.some((points) => points < 0);
  return { kind: added.some(Boolean) ? "score" : "same", isCorrection };
}

/** A kick of a shoot-out, which says of itself who took it and whether it was scored. */
function kickOf({ details, shootout, isPartial }, participants = [], before) {
  const side = participants.findIndex(({ id }) => id !== undefined && id === details?.team);
  if (side < 0 || !["scored", "missed"].includes(details?.kick) || !(scoreOf(shootout) || isPartial)) return null;
  const isScored = details.kick === "scored";
  const shots = scoreOf(shootout) ?? before.map((each, index) => each + Number(isScored && index === side));
  return { side, shots, isScored };
}

function removeKick(rows, revision) {
  const index = rows.findIndex((row) => row.kind === "kick" && row.revision === revision);
  if (index >= 0) rows.splice(index, 1);
}

/** How many periods a score says are over; null if it says nothing of periods. */
function endedIn({ periods }) {
  return Array.isArray(periods) ? periods.filter((period) => period?.final === true && scoreOf(period)).length : null;
}

/** The updates that a message stands for, each as a message of its own. */
function unmerged(message) {
  const { updates } = message.data;
  if (message.type !== "score_updated" || !Array.isArray(updates)) return [message];
  const { sequence, revision } = message.data;
  const each = updates.filter((update) => scoreOf(update)).map((update) => ({
    type: message.type,
    data: { ...message.data, ...stateOf(message, update), details: null, at: update.updated_at, ...update, sequence },
  }));
  // A message that has no room for all updates still has the newest score.
  return each.length === 0 || each.at(-1).data.revision < revision ? [...each, message] : each;
}

/** What stands beside the score is known of the newest update only. */
function stateOf({ data }, { revision }) {
  return revision === data.revision ? {} : { periods: undefined, shootout: undefined, isPartial: true };
}

const KINDS = new Map([
  ["snapshot", (added) => (added.some(Boolean) ? "caught_up" : null)],
  ["match_started", () => "started"],
  ["match_state_changed", () => "changed"],
  ["match_updated", (added, { changed }) => (list(changed).includes("scheduled_at") ? "rescheduled" : null)],
  ["match_reopened", () => "reopened"],
  ["dispute_created", () => "disputed"],
  ["dispute_resolved", () => "resolved"],
  ["match_completed", () => "completed"],
  ["result_amended", () => "amended"],
]);

const list = (value) => (Array.isArray(value) ? value : []);
const isOneSides = ([one, two]) => one * two === 0 && one + two > 0;
const isOneGoal = ([one, two]) => one + two === 1 && one * two === 0;

/** The same score again adds to what is known of the last goal, such as its scorer. */
function amend(rows, { details }) {
  const last = rows.findLast((row) => row.kind === "goal" || row.kind === "score");
  if (last && details) last.details = { ...last.details, ...details };
}

function detailsOf({ details }) {
  return details instanceof Object && !Array.isArray(details) ? details : null;
}

function extrasOf({ reason, outcome, initiated_by, old_state, new_state, scheduled_at }) {
  const change = { from: old_state ?? null, to: new_state ?? null, kickOff: scheduled_at ?? null };
  return { reason: reason ?? null, outcome: outcome ?? null, by: initiated_by ?? null, ...change };
}

/** Who did it, for those who may know. */
function userOf(data) {
  const name = ["updated_by", "started_by", "changed_by", "confirmed_by", "amended_by", "reopened_by", "initiated_by"]
    .find((field) => typeof data[field] === "string");
  return data[name] ?? null;
}

function scoreOf(data) {
  const { participant1_score: one, participant2_score: two } = Object(data);
  return Number.isSafeInteger(one) && Number.isSafeInteger(two) ? [one, two] : null;
}
