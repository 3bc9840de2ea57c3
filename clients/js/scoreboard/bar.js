/** How the connection is: the bar at the top, and the notice when a person should know. */

import { find, write } from "./elements.js";
import { isStale, notice, statusText } from "./signal.js";
import { say } from "./voice.js";

/** It is asked for by itself, or no asking helps. */
const IN_VAIN = /^(not_announced|no_match|bad_.*)$/;

/** `other` is a sentence of the page's own, for when all is well with the connection. */
export function showConnection(status, nowMs, online, other = "") {
  const sentence = notice(status, nowMs, online) || other;
  document.body.dataset.phase = isStale(status, nowMs) ? "stale" : status.phase;
  write(find("status"), statusText(status, nowMs));
  if (write(find("notice-text"), sentence)) say([sentence]);
  find("notice").hidden = !sentence;
  const soon = status.phase === "live" || status.phase === "connecting";
  find("retry").hidden = soon || IN_VAIN.test(status.reason);
}
