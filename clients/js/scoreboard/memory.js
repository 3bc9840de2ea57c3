/** What this tab keeps for its next page. Where there is no storage, nothing is kept. */

const KEY = "scorecast-histories";
const TOKEN = "scorecast-token";

/** What was heard, so that a goal is told once, and never repeated. */
export function recall(matchIds) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    return matchIds.filter((id) => kept[id]).map((id) => ({ match_id: id, events: kept[id] }));
  } catch {
    return []; // no storage, or not ours: the timeline then begins with what the server tells
  }
}

export function keep(histories) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    sessionStorage.setItem(KEY, JSON.stringify({ ...kept, ...Object.fromEntries(histories) }));
  } catch {
    return; // no storage, or no room in it: the next page begins with what the server tells
  }
}

export function keptToken() {
  try {
    return sessionStorage.getItem(TOKEN);
  } catch {
    return null;
  }
}

/** null forgets it. */
export function keepToken(token) {
  try {
    if (token === null) sessionStorage.removeItem(TOKEN);
    else sessionStorage.setItem(TOKEN, token);
  } catch {
    return; // the official signs in again on the next page
  }
}
