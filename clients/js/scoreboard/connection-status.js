/** Texts about the connection. Pure. */

import { clock } from "./labels.js";

const REASONS = {
  bad_request: "The server did not understand this page. Please reload it.",
  bad_match: "The link does not name a match. Check it, or go to all matches.",
  bad_tournament: "The link does not name a tournament. Please check it.",
  authentication_required: "This page needs a valid access token. Please ask for a new link.",
  token_expired: "Your access has expired. Please ask for a new link.",
  forbidden: "You do not have access to these scores.",
  invalid_origin: "This website is not allowed to show these scores.",
  disconnected_by_server: "The organizers have closed this connection.",
  not_found: "These scores do not exist. Please check the link.",
  not_announced: "Not announced yet. The scores will appear here as soon as they are.",
  no_match: "There is no such match yet. Check the link, or go to all matches.",
  room_full: "Every place is taken at the moment. You will be connected when one is free.",
  connection_limit_exceeded: "You have too many pages open. Close one to watch here.",
  http_429: "Too many connections come from your network. Trying again in a moment.",
  rate_limit_exceeded: "This page sent too much at once. Reconnecting in a moment.",
  slow_consumer: "Your connection is too slow to keep up.",
  server_drain: "The server is being updated. Reconnecting in a moment.",
};

export function statusText(status, nowMs) {
  const { phase, reason, retryAtMs, isStale, lastMessageAtMs } = status;
  if (phase === "live") return isStale ? "No signal" : "Live";
  if (phase === "closed") return "Closed";
  if (reason === "not_announced" || reason === "no_match") return "Waiting";
  if (phase !== "waiting") return lastMessageAtMs ? "Reconnecting…" : "Connecting…";
  const seconds = Math.max(1, Math.ceil((retryAtMs - nowMs) / 1000));
  return `${lastMessageAtMs ? "Reconnecting" : "Trying again"} in ${seconds} s`;
}

/** What people should know about the connection; empty if all is well. */
export function notice(status, online) {
  const { phase, reason, isStale, lastMessageAtMs } = status;
  if (phase !== "live" && Object.hasOwn(REASONS, reason ?? "")) return REASONS[reason];
  if (phase === "closed") return "The server has closed this connection.";
  if (!online) return "You are offline. The scores will catch up when you are back.";
  if (isStale) {
    return `Nothing received since ${clock(lastMessageAtMs)}. These scores may be out of date.`;
  }
  return phase === "waiting" && !lastMessageAtMs ? "The server cannot be reached." : "";
}
