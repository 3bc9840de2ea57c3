/** Puts the page together: reads the tournament, keeps the connection, shows what comes. */

import { readConfig, readListing, socketUrl } from "./api.js";
import { lastingConnection, NoAddress } from "./socket.js";
import { EMPTY, reduce } from "./state.js";
import { say, showConnection, showState, speak } from "./view.js";
import { spoken } from "./words.js";

const TICK_MS = 250;
const SPEAK_MS = 2000;
const RELOAD_MIN_MS = 2000;
const RELOAD_MAX_MS = 30_000;
const HANDSHAKES_BEFORE_ASKING = 2;

const query = new URLSearchParams(location.search);
const connection = lastingConnection({
  address,
  onFrame: apply,
  openSocket: (url) => new WebSocket(url),
  random: Math.random,
  now: Date.now,
});
let state = EMPTY;
let config = null;
let painting = false;
let reloading = false;

function apply(frame) {
  const known = state;
  state = reduce(known, frame);
  if (state === known) return;
  say(spoken(known, state));
  if (!painting) requestAnimationFrame(paint);
  painting = true;
  if (state.outdated) reload();
}

function paint() {
  painting = false;
  showState(state, query.has("match") ? null : pageOf);
}

/** Where to connect to. The names come first: the socket's snapshots carry none. */
async function address({ refusals, newTokenNeeded }) {
  const fresh = await readConfig(query);
  if (newTokenNeeded && fresh.token === config.token) throw new NoAddress("token_expired");
  config = fresh;
  // A browser cannot see why a handshake was refused; the HTTP API tells.
  if (state === EMPTY || refusals >= HANDSHAKES_BEFORE_ASKING) {
    apply({ type: "tournament_loaded", data: await readListing(config) });
    reload();
  }
  return socketUrl(config);
}

/** Read the tournament again until it lists all that was heard of, and has stopped growing. */
async function reload() {
  if (reloading) return;
  reloading = true;
  let size = -1;
  for (let delayMs = RELOAD_MIN_MS; state.outdated || state.matches.size > size; delayMs *= 2) {
    size = state.matches.size;
    await new Promise((resume) => setTimeout(resume, Math.min(delayMs, RELOAD_MAX_MS)));
    const listing = await readListing(config).catch(() => null); // the socket says what is wrong
    if (listing) apply({ type: "tournament_loaded", data: listing });
  }
  reloading = false;
}

/** This page's address with another match in it, or none. */
function pageOf(match) {
  const target = new URLSearchParams(query);
  target.delete("match");
  if (match) target.set("match", match);
  return `?${target}`;
}

function tick() {
  connection.tick();
  showConnection(connection.status(), Date.now(), navigator.onLine);
}

function wake() {
  if (connection.status().phase === "waiting") connection.retryNow();
  connection.probe();
}

document.body.dataset.view = query.has("match") ? "match" : "tournament";
document.getElementById("all").href = pageOf();
document.getElementById("retry").onclick = connection.retryNow;
addEventListener("online", wake);
document.addEventListener("visibilitychange", () => document.hidden || wake());
connection.open();
setInterval(tick, TICK_MS);
setInterval(speak, SPEAK_MS);
