/** The connection's state: the bar at the top, and a notice when people should know. */

import { announce } from "./announcer.js";
import { notice, statusText } from "./connection-status.js";
import { find, write } from "./elements.js";

/** Retried automatically, or a retry cannot help. */
const NO_RETRY = ["not_announced", "no_match", "bad_match", "bad_tournament"];
let shown = null;
let retryAtMs = 0;

/** `other` is the page's own notice, shown while the connection has none. */
export function showConnection(status, online, other = "") {
  // The device's clock may be set meanwhile: count down by one that is not.
  if (status !== shown) retryAtMs = performance.now() + (status.retryAtMs ?? Date.now()) - Date.now();
  shown = status;
  const sentence = notice(status, online) || other;
  const { phase, reason, isStale } = status;
  const isCurrent = phase === "live" || phase === "polling";
  document.body.dataset.phase = isStale || (isCurrent && !online) ? "stale" : phase;
  write(find("status"), statusText(status, retryAtMs - performance.now()));
  if (write(find("notice-text"), sentence)) announce([sentence]);
  find("notice").hidden = !sentence;
  find("retry").hidden = isCurrent || phase === "connecting" || NO_RETRY.includes(reason);
}
