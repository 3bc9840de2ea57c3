/** What happened in a match, in the order of its numbers. Pure. */

const EVENTS_MAX = 300;

/**
 * A match's history with more frames in it. A frame that is there already is not added; one that
 * stands under the same number with another content shows that the server was restored, and that
 * what was remembered is of another match.
 */
export function remember(history = [], frames) {
  const known = new Map(history.map((frame) => [keyOf(frame), frame]));
  const kept = frames.some((frame) => contradicts(known.get(keyOf(frame)), frame)) ? [] : history;
  const news = kept.length ? frames.filter((frame) => !known.has(keyOf(frame))) : frames;
  return news.length ? [...kept, ...news].sort(bySequence).slice(-EVENTS_MAX) : history;
}

const keyOf = ({ type, data }) => `${data.sequence} ${type}`;
const timeOf = ({ data }) => data.server_time ?? data.updated_at;

/** Scores may be told twice, at different times; of a decisive event the time is a part. */
function contradicts(known, frame) {
  const decisive = frame.type !== "score_updated" && frame.type !== "snapshot";
  return known && decisive && timeOf(known) !== timeOf(frame);
}

function bySequence(a, b) {
  return a.data.sequence - b.data.sequence || (a.type === "snapshot") - (b.type === "snapshot");
}

/**
 * The history as rows `{kind, sequence, score, side, details, atMs, reason, state}`, oldest first.
 * `side` is who scored, where exactly one goal was added. Scores that nobody told us, which are
 * those before we came or while we were away, are one row of kind `caught_up`.
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

/** The same score again may name the scorer, or his minute. */
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
