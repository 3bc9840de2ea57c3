/** What this tab stores for its next page; nothing if storage is blocked. */

const TIMELINES_KEY = "scorecast-timelines";
const TOKEN_KEY = "scorecast-token";
const COMMANDS_KEY = "scorecast-commands";

/** The stored timelines, since scores between two decisive events are not sent again. */
export function loadTimelines(matchIds) {
  const stored = storedTimelines();
  const isStored = (id) => Object.hasOwn(stored, id) && Array.isArray(stored[id]);
  return matchIds.filter(isStored).map((id) => [id, stored[id].filter((event) => event?.data instanceof Object)]);
}

export function saveTimelines(timelines) {
  try {
    const all = { ...storedTimelines(), ...Object.fromEntries(timelines) };
    sessionStorage.setItem(TIMELINES_KEY, JSON.stringify(all));
  } catch {
    return; // blocked or full: the next page begins with the server's events
  }
}

function storedTimelines() {
  try {
    return Object(JSON.parse(sessionStorage.getItem(TIMELINES_KEY)));
  } catch {
    return {}; // blocked or invalid: the timeline begins with the server's events
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

/** The official's commands in this tab with their outcomes: the unsent are sent after a reload. */
export function loadCommands() {
  try {
    const log = JSON.parse(sessionStorage.getItem(COMMANDS_KEY));
    return Array.isArray(log) ? log : [];
  } catch {
    return []; // blocked or invalid: nothing is kept
  }
}

export function saveCommands(log) {
  try {
    sessionStorage.setItem(COMMANDS_KEY, JSON.stringify(log));
  } catch {
    return; // blocked or full: what is unsent is sent while the page stays open
  }
}
