/** Why a command failed and what to do: sentences for an official. Pure. */

import { t } from "./i18n.js";
import { scoresText } from "./labels.js";
import { playOf } from "./play.js";

const STATES = ["scheduled", "live", "paused", "disputed", "completed", "cancelled", "postponed"];
const FIELDS = ["reason", "participant1_score", "participant2_score", "details", "winner_id", "base_revision"];
/** The codes whose sentence depends on nothing else. */
const PLAIN = ["forbidden", "not_found", "token_expired", "payload_too_large", "internal_error"];
const LIMITS = ["message_rate_limit_exceeded", "ip_rate_limit_exceeded", "room_full"];
const MAY_BE_REPEATED = [...LIMITS, "internal_error", "ConnectionLost", "AnswerTimeout"];

/** The outcome of an entry whose command failed with `error`: see command-log.js. */
export function outcomeOf(error, entry) {
  const code = error.code ?? error.name;
  if (code === "invalid_transition" && entry.target && error.data?.state === entry.target) {
    return { status: "done", sentence: t("official.already_done") };
  }
  const isStored = ["stale", "conflict"].includes(code) && scoreOf(error.data);
  const known = isStored ? { revision: error.data.revision, play: playOf(error.data) } : null;
  return { status: statusOf(code, known), sentence: sentenceOf(code, error, entry), known };
}

function statusOf(code, known) {
  if (MAY_BE_REPEATED.includes(code)) return "unsure";
  return code === "conflict" && known ? "conflict" : "refused";
}

function sentenceOf(code, { data, sent, retryAfterMs }, { kind, scoring }) {
  if (kind === "dispute" && code === "forbidden") return t("error.dispute_forbidden");
  if (kind === "resolve" && code === "not_found") return t("error.dispute_not_found");
  if (PLAIN.includes(code)) return t(`error.${code}`);
  if (LIMITS.includes(code)) return t(`error.${code}`, { when: when(retryAfterMs) });
  if (code === "stale" || code === "conflict") return newerText(code, scoreOf(data), scoring);
  if (code === "match_not_live" || code === "invalid_transition") return stateText(code, data?.state);
  if (code === "invalid_schema") return fieldsText(data?.errors);
  if (code === "ConnectionLost" || code === "AnswerTimeout") return t(sent ? `error.${code}` : "error.not_sent");
  return t("error.other");
}

function newerText(code, score, scoring) {
  return score ? t(`error.${code}`, { score: scoresText(score, scoring) }) : t("error.stale_unknown");
}

const IN_PLAY = ["live", "paused", "disputed"];

function stateText(code, state) {
  const isTold = STATES.includes(state) && !(code === "match_not_live" && IN_PLAY.includes(state));
  return t(isTold ? `error.${code}.${state}` : `error.${code}`);
}

function fieldsText(errors) {
  const named = FIELDS.filter((field) => Object.hasOwn(Object(errors), field));
  return named.map((field) => t(`error.field.${field}`)).join(" ") || t("error.invalid_schema");
}

function when(retryAfterMs) {
  if (!retryAfterMs) return t("error.in_a_moment");
  return t("error.in_seconds", { seconds: Math.max(1, Math.ceil(retryAfterMs / 1000)) });
}

function scoreOf(data) {
  const score = [data?.participant1_score, data?.participant2_score];
  return score.every(Number.isSafeInteger) ? score : null;
}
