/** What this tab stores for its next page; nothing if storage is blocked. */

const HISTORIES_KEY = "scorecast-histories";
const TOKEN_KEY = "scorecast-token";

/** The stored histories, since scores between two decisive events are not sent again. */
export function loadHistories(matchIds) {
  try {
    const stored = JSON.parse(sessionStorage.getItem(HISTORIES_KEY) ?? "{}");
    return matchIds.filter((id) => stored[id]).map((id) => ({ match_id: id, events: stored[id] }));
  } catch {
    return []; // blocked or invalid: the timeline begins with the server's events
  }
}

export function saveHistories(histories) {
  try {
    const stored = JSON.parse(sessionStorage.getItem(HISTORIES_KEY) ?? "{}");
    sessionStorage.setItem(HISTORIES_KEY, JSON.stringify({ ...stored, ...Object.fromEntries(histories) }));
  } catch {
    return; // blocked or full: the next page begins with the server's events
  }
}

export function loadToken() {
  try {
    return sessionStorage.getItem(TOKEN_KEY);
  } catch {
    return null;
  }
}

/** null removes it. */
export function saveToken(token) {
  try {
    if (token === null) sessionStorage.removeItem(TOKEN_KEY);
    else sessionStorage.setItem(TOKEN_KEY, token);
  } catch {
    return; // the official signs in again on the next page
  }
}
