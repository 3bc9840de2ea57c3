/** A match's timeline, in sequence order. Pure. */

const EVENTS_MAX = 300;

/**
 * A match's history with more messages. A known one is not added; another one under the same
 * sequence shows that the server was restored, and replaces the history.
 */
export function withMessages(history = [], messages) {
  const known = new Map(history.map((message) => [keyOf(message), message]));
  const kept = messages.some((message) => contradicts(known.get(keyOf(message)), message)) ? [] : history;
  const added = kept.length ? messages.filter((message) => !known.has(keyOf(message))) : messages;
  return added.length ? [...kept, ...added].sort(bySequence).slice(-EVENTS_MAX) : history;
}

const keyOf = ({ type, data }) => `${data.sequence} ${type}`;
const timeOf = ({ data }) => data.server_time ?? data.updated_at;

/** A score may be sent twice, at different times; a decisive event's time is fixed. */
function contradicts(known, message) {
  const decisive = message.type !== "score_updated" && message.type !== "snapshot";
  return known && decisive && timeOf(known) !== timeOf(message);
}

function bySequence(a, b) {
  return a.data.sequence - b.data.sequence || (a.type === "snapshot") - (b.type === "snapshot");
}

/**
 * The history as rows `{kind, sequence, score, side, details, atMs, reason, state}`, oldest first.
 * `side` is the team that scored, if exactly one goal was added. Scores that were not received one
 * by one are a row of kind `caught_up`.
 */
export function timeline(history = []) {
  const rows = [];
  let score = [0, 0];
  for (const { type, data } of history) {
    const before = score;
    score = scoreOf(data) ?? before;
    const added = [score[0] - before[0], score[1] - before[1]];
    const kind = KINDS[type]?.(added);
    const row = { kind, sequence: data.sequence, score, details: data.details ?? null };
    if (kind === "goal") row.side = added[0] === 1 ? 0 : 1;
    if (kind === "same") amend(rows, row);
    else if (kind) rows.push({ ...row, atMs: timeOf({ data }), ...extrasOf(data) });
  }
  return rows;
}

const KINDS = {
  score_updated: (added) => (isOneGoal(added) ? "goal" : added.some(Boolean) ? "score" : "same"),
  snapshot: (added) => (added.some(Boolean) ? "caught_up" : null),
  match_started: () => "started",
  match_state_changed: () => "changed",
  dispute_created: () => "disputed",
  match_completed: () => "completed",
};

const isOneGoal = ([one, two]) => one + two === 1 && one * two === 0;

/** The same score again may add the scorer or the minute. */
function amend(rows, { details }) {
  const last = rows.findLast((row) => row.kind === "goal" || row.kind === "score");
  if (last && details) last.details = details;
}

function extrasOf({ reason, initiated_by, old_state, new_state }) {
  return { reason: reason ?? null, by: initiated_by ?? null, from: old_state ?? null, to: new_state ?? null };
}

function scoreOf({ participant1_score: one, participant2_score: two }) {
  return Number.isInteger(one) && Number.isInteger(two) ? [one, two] : null;
}
