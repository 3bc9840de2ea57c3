/** What a connection has sent and received, message by message: numbers, gaps, merges, ages. Pure. */

const ROWS_MAX = 300;
const AGES_MAX = 100;

export function newTrace() {
  return { rows: [], received: 0, sent: 0, merged: 0, windowMs: null, ages: [], highest: new Map(), viewers: new Map() };
}

/** Add a message as rows; a batch is its messages. `serverMs` is the server's clock; null if unknown. */
export function record(trace, direction, message, { atMs, serverMs = null }) {
  const messages = message.type === "batch" ? listOf(message.data?.messages) : [message];
  for (const each of messages) {
    const row = rowOf(direction, each, atMs, serverMs);
    if (direction === "in") count(trace, row, each);
    else trace.sent += 1;
    trace.rows.unshift(row);
  }
  trace.rows.length = Math.min(trace.rows.length, ROWS_MAX);
}

function rowOf(direction, message, atMs, serverMs) {
  const data = Object(message.data);
  const serverTime = integer(data.server_time);
  return {
    direction,
    type: String(message.type),
    about: idIn(data) ?? idIn(message) ?? "",
    sequence: integer(data.sequence),
    missing: null,
    merged: integer(data.merged),
    windowMs: integer(data.window_ms),
    ageMs: serverTime === null || serverMs === null || !("sequence" in data) ? null : Math.max(0, Math.round(serverMs - serverTime)),
    atMs,
    json: JSON.stringify(message, withoutToken, 2),
  };
}

function count(trace, row, { type, data }) {
  trace.received += 1;
  if (row.merged > 1) trace.merged += row.merged - 1;
  if (row.windowMs !== null) trace.windowMs = row.windowMs;
  if (row.ageMs !== null && type !== "connection_established" && type !== "subscribed") {
    trace.ages = [row.ageMs, ...trace.ages].slice(0, AGES_MAX);
  }
  const viewers = integer(data?.viewers ?? (type === "viewers" ? data?.count : undefined));
  if (viewers !== null && row.about) trace.viewers.set(row.about, viewers);
  number(trace, row, Object(data));
}

/** A snapshot says where the numbers begin; events that were asked for again fill a gap. */
function number({ highest }, row, data) {
  const begin = (id, sequence) => highest.set(id, Math.max(sequence, highest.get(id) ?? 0));
  const { snapshot } = data;
  const listed = snapshot ? [snapshot, ...listOf(snapshot.matches)] : [];
  for (const each of listed) if (idIn(each) && integer(each.sequence) !== null) begin(idIn(each), each.sequence);
  if (snapshot || row.sequence === null || !row.about) return;
  const before = highest.get(row.about);
  if (before !== undefined && row.sequence > before + 1) row.missing = [before + 1, row.sequence - 1];
  begin(row.about, row.sequence);
}

/** The gaps among the rows, newest first. */
export const gapsIn = ({ rows }) => rows.filter((row) => row.missing);

/** The middle of the latest ages; null without any. */
export function medianAgeMs({ ages }) {
  return ages.length ? [...ages].sort((a, b) => a - b)[Math.floor(ages.length / 2)] : null;
}

const listOf = (value) => (Array.isArray(value) ? value.filter((each) => each instanceof Object) : []);
const integer = (value) => (Number.isSafeInteger(value) ? value : null);
const withoutToken = (name, value) => (name === "token" ? "…" : value);

function idIn({ match_id, tournament_id }) {
  return [match_id, tournament_id].find((id) => typeof id === "string");
}
