/** Why a command failed and what to do: sentences for an official. Pure. */

const NOT_LIVE = {
  scheduled: "The match has not started. Start it first.",
  disputed: "The match is disputed. Resume it first.",
  completed: "The match is finished, and its result is final.",
  cancelled: "The match is cancelled.",
};

const STATES = {
  scheduled: "has not started",
  live: "is live",
  paused: "is paused",
  disputed: "is disputed",
  completed: "is finished",
  cancelled: "is cancelled",
};

const FIELDS = {
  reason: "The reason must have 1 to 500 characters.",
  participant1_score: "The first score must be a whole number from 0 to 1,000,000.",
  participant2_score: "The second score must be a whole number from 0 to 1,000,000.",
  details: "The details of the goal are too long.",
  winner_id: "The winner must be one of the two teams.",
};

const NOT_SENT = "Not sent: there was no connection.";

const SENTENCES = {
  stale: ({ data }) =>
    `Not saved: ${scoreOf(data)?.join("–") ?? "a newer score"} is already stored, from someone else. ` +
    "Check it, and tap again if it is wrong.",
  match_not_live: ({ data }) => NOT_LIVE[data?.state] ?? "The match is not live.",
  invalid_transition: ({ data }) =>
    `No longer possible: the match ${STATES[data?.state] ?? "has changed"}.`,
  forbidden: () => "Your token does not allow this in this match.",
  not_found: () => "The server does not know this match.",
  message_rate_limit_exceeded: (error) => `Too many taps at once. Send it again ${inSeconds(error)}.`,
  ip_rate_limit_exceeded: (error) =>
    `Too many requests from your network. Send it again ${inSeconds(error)}.`,
  room_full: (error) => `Every place is taken. Try again ${inSeconds(error)}.`,
  token_expired: () => "Not saved: your token has expired. Sign in with a new one.",
  payload_too_large: () => "Not saved: it is too long.",
  invalid_schema: ({ data }) => fieldSentences(data?.errors),
  internal_error: () => "The server had an error. Send it again.",
  ConnectionLost: ({ sent }) =>
    sent ? "The connection was lost before an answer: it may or may not have been saved." : NOT_SENT,
  AnswerTimeout: ({ sent }) => (sent ? "No answer in time: it may or may not have been saved." : NOT_SENT),
};

const MAY_BE_REPEATED = new Set([
  "message_rate_limit_exceeded",
  "ip_rate_limit_exceeded",
  "room_full",
  "internal_error",
  "ConnectionLost",
  "AnswerTimeout",
]);

/** The outcome of an entry whose command failed with `error`: see command-log.js. */
export function outcomeOf(error, entry) {
  const code = error.code ?? error.name;
  if (code === "invalid_transition" && entry.target && error.data?.state === entry.target) {
    return { status: "done", sentence: "Already done" };
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
