/** Texts about the connection. Pure. */

import { t } from "./i18n.js";
import { clock } from "./labels.js";

/** The reasons of the client and the server that have a sentence of their own. */
const REASONS = [
  "bad_request", "bad_match", "bad_tournament", "authentication_required", "token_expired", "forbidden",
  "invalid_origin", "disconnected_by_server", "not_found", "not_announced", "no_match", "room_full",
  "connection_limit_exceeded", "ip_connection_limit_exceeded", "handshake_refused", "rate_limit_exceeded",
  "slow_consumer", "server_drain",
];
const SAME_SENTENCE = new Map([
  ["http_429", "too_many_requests"],
  ["ip_rate_limit_exceeded", "too_many_requests"],
  ["message_rate_limit_exceeded", "rate_limit_exceeded"],
]);

/** `retryInMs` is the time until the next attempt. */
export function statusText({ phase, reason, isStale, lastMessageAtMs }, retryInMs) {
  if (isStale) return t("status.stale");
  if (phase === "live" || phase === "polling") return t(`status.${phase}`);
  if (phase === "closed") return t("status.closed");
  if (reason === "not_announced" || reason === "no_match") return t("status.waiting");
  if (phase !== "waiting") return t(lastMessageAtMs ? "status.reconnecting" : "status.connecting");
  const seconds = Math.max(1, Math.ceil(retryInMs / 1000));
  return t(lastMessageAtMs ? "status.reconnecting_in" : "status.retrying_in", { seconds });
}

/** What people should know about the connection; empty if all is well. */
export function notice(status, online) {
  const { phase, isStale, lastMessageAtMs } = status;
  const reason = SAME_SENTENCE.get(status.reason) ?? status.reason;
  const hasSentence = REASONS.includes(reason) || reason === "too_many_requests";
  if (isStale && online) return t("notice.stale", { time: clock(lastMessageAtMs) });
  if (phase === "polling") return t(online ? "notice.polling" : "notice.offline");
  if (phase !== "live" && hasSentence) return t(`reason.${reason}`);
  if (phase === "closed") return t("notice.closed");
  if (!online) return t("notice.offline");
  return phase === "waiting" && !lastMessageAtMs ? t("notice.unreachable") : "";
}
