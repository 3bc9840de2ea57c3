/** The rows of a match's timeline. Pure. */

/**
 * The messages as rows `{kind, sequence, revision, score, side, details, user, atMs, reason, from,
 * to}`, oldest first. `side` is the team that scored, if exactly one goal was added. Scores that were not
 * received one by one are a row of kind `caught_up`.
 */
export function timeline(messages = []) {
  const rows = [];
  let score = [0, 0];
  for (const { type, data } of messages.flatMap(unmerged)) {
    const before = score;
    score = scoreOf(data.after ?? data) ?? before;
    const added = [score[0] - before[0], score[1] - before[1]];
    const kind = KINDS.get(type)?.(added, data);
    const row = { kind, sequence: data.sequence, revision: data.revision, score, details: detailsOf(data), user: userOf(data) };
    if (kind === "goal") row.side = added[0] === 1 ? 0 : 1;
    if (kind === "score") row.isCorrection = data.correction === true || added.some((goals) => goals < 0);
    if (kind === "same") amend(rows, row);
    else if (kind) rows.push({ ...row, atMs: data.at ?? data.server_time ?? data.updated_at, ...extrasOf(data) });
  }
  return rows;
}

/** The updates that a message stands for, each as a message of its own. */
function unmerged(message) {
  const { updates } = message.data;
  if (message.type !== "score_updated" || !Array.isArray(updates)) return [message];
  const { sequence, revision } = message.data;
  const each = updates.filter((update) => scoreOf(update)).map((update) => ({
    type: message.type,
    data: { ...message.data, details: null, at: update.updated_at, ...update, sequence },
  }));
  // A message that has no room for all updates still has the newest score.
  return each.length === 0 || each.at(-1).data.revision < revision ? [...each, message] : each;
}

const KINDS = new Map([
  ["score_updated", (added) => (isOneGoal(added) ? "goal" : added.some(Boolean) ? "score" : "same")],
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
const isOneGoal = ([one, two]) => one + two === 1 && one * two === 0;

/** The same score again adds to what is known of the last goal, such as its scorer. */
function amend(rows, { details }) {
  const last = rows.findLast((row) => row.kind === "goal" || row.kind === "score");
  if (last && details) last.details = { ...last.details, ...details };
}

function detailsOf({ details }) {
  return details instanceof Object && !Array.isArray(details) ? details : null;
}

function extrasOf({ reason, initiated_by, old_state, new_state, scheduled_at }) {
  const change = { from: old_state ?? null, to: new_state ?? null, kickOff: scheduled_at ?? null };
  return { reason: reason ?? null, by: initiated_by ?? null, ...change };
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
