/** Why a command did not work, and what to do: sentences for an official. Pure. */

const NOT_LIVE = {
  scheduled: "The match has not begun. Start it first.",
  disputed: "The result is disputed. Settle the dispute first.",
  completed: "The match is over, and its result stands.",
  cancelled: "The match is called off.",
};

const STATES = {
  scheduled: "has not begun",
  live: "is being played",
  paused: "is paused",
  disputed: "is disputed",
  completed: "is over",
  cancelled: "is called off",
};

const FIELDS = {
  reason: "The reason must have 1 to 500 characters.",
  participant1_score: "The first score must be a whole number from 0 to 1,000,000.",
  participant2_score: "The second score must be a whole number from 0 to 1,000,000.",
  details: "The details of the goal are too long.",
  winner_id: "The winner is none of the two.",
};

const NOT_SENT = "Not sent: there was no connection.";

const SENTENCES = {
  stale: ({ data }) =>
    `Not taken: ${scoreOf(data)?.join("–") ?? "a newer score"} is stored already, from someone else. ` +
    "Check it, and tap again if it is wrong.",
  match_not_live: ({ data }) => NOT_LIVE[data?.state] ?? "The match is not being played.",
  invalid_transition: ({ data }) =>
    `Not possible any more: the match ${STATES[data?.state] ?? "has changed"}.`,
  forbidden: () => "Your token does not let you do this in this match.",
  not_found: () => "The server does not know this match.",
  message_rate_limit_exceeded: (error) => `Too many taps at once. Send it again ${inSeconds(error)}.`,
  ip_rate_limit_exceeded: (error) =>
    `Too much comes from your network at once. Send it again ${inSeconds(error)}.`,
  room_full: (error) => `Every place is taken. Try again ${inSeconds(error)}.`,
  token_expired: () => "Not taken: your token has expired. Sign in with a new one.",
  payload_too_large: () => "Not taken: it is too long.",
  invalid_schema: ({ data }) => fieldSentences(data?.errors),
  internal_error: () => "Something went wrong at the server. Send it again.",
  ConnectionLost: ({ sent }) =>
    sent ? "The connection broke before an answer came: it may have arrived, or not." : NOT_SENT,
  AnswerTimeout: ({ sent }) => (sent ? "No answer came in time: it may have arrived, or not." : NOT_SENT),
};

const MAY_BE_REPEATED = new Set([
  "message_rate_limit_exceeded",
  "ip_rate_limit_exceeded",
  "room_full",
  "internal_error",
  "ConnectionLost",
  "AnswerTimeout",
]);

/** What became of the entry whose command was rejected with `error`: see taps.js. */
export function outcomeOf(error, entry) {
  const code = error.code ?? error.name;
  if (code === "invalid_transition" && entry.target && error.data?.state === entry.target) {
    return { status: "done", sentence: "Done already" };
  }
  const known = code === "stale" ? { revision: error.data.revision, score: scoreOf(error.data) } : null;
  const status = MAY_BE_REPEATED.has(code) ? "unsure" : "refused";
  return { status, sentence: sentenceOf(code, error), known };
}

function sentenceOf(code, error) {
  const sentence = Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : null;
  return sentence ? sentence(error) : "The server did not understand this page. Please reload it.";
}

function fieldSentences(errors) {
  const named = Object.keys(errors ?? {}).filter((field) => Object.hasOwn(FIELDS, field));
  return named.map((field) => FIELDS[field]).join(" ") || "The server does not accept this.";
}

function inSeconds({ retryAfterMs }) {
  return retryAfterMs ? `in ${Math.max(1, Math.ceil(retryAfterMs / 1000))} s` : "in a moment";
}

function scoreOf(data) {
  const score = [data?.participant1_score, data?.participant2_score];
  return score.every(Number.isInteger) ? score : null;
}
