/** The connection's state: the bar at the top, and a notice when people should know. */

import { find, write } from "./elements.js";
import { notice, statusText } from "./connection-status.js";
import { announce } from "./announcer.js";

/** Retried automatically, or a retry cannot help. */
const NO_RETRY = /^(not_announced|no_match|bad_.*)$/;

/** `other` is the page's own notice, shown while the connection has none. */
export function showConnection(status, nowMs, online, other = "") {
  const sentence = notice(status, online) || other;
  document.body.dataset.phase = status.isStale ? "stale" : status.phase;
  write(find("status"), statusText(status, nowMs));
  if (write(find("notice-text"), sentence)) announce([sentence]);
  find("notice").hidden = !sentence;
  const soon = status.phase === "live" || status.phase === "connecting";
  find("retry").hidden = soon || NO_RETRY.test(status.reason);
}
