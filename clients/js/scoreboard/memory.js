/** What this tab has heard, kept for its next page: a goal is told once, and never repeated. */

const KEY = "scorecast-histories";

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
