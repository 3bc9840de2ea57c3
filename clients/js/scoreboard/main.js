/** The spectator's page: reads the tournament, connects, and renders each change. */

import { connect } from "./client/index.js";
import { NotReady, withJitter, readConfig, readListing, readStructure } from "./api.js";
import { showConnection } from "./connection-bar.js";
import { tournamentView } from "./tournament-view.js";
import { find, write } from "./elements.js";
import { loadHistories, saveHistories } from "./session-store.js";
import { showTimeline } from "./timeline-view.js";
import { matchLists } from "./match-list.js";
import { EMPTY, reduce } from "./state.js";
import { withUndecided, hasAll } from "./structure.js";
import { announce, startAnnouncing } from "./announcer.js";
import { kickOff, nameOf, announcements, summary, viewersText } from "./labels.js";

const TICK_MS = 250;
const START_RETRY_MS = 3000;
const RELOAD_MIN_MS = 2000;
const RELOAD_MAX_MS = 32_000;
const EVENTS = [
  "snapshot",
  "score_updated",
  "match_started",
  "match_state_changed",
  "match_completed",
  "dispute_created",
  "viewers",
  "bracket_generated",
  "bracket_updated",
];

const query = new URLSearchParams(location.search);
const single = query.has("match");
const showLists = matchLists(single ? null : pageOf);
const showTournament = tournamentView(pageOf);
let state = EMPTY;
let config = null;
let connection = null;
let startup = { phase: "connecting", reason: null, retryAtMs: null, isStale: false, lastMessageAtMs: null };
let painting = false;
let reloading = false;

function apply(message) {
  const known = state;
  state = reduce(known, message);
  if (state === known) return;
  announce(announcements(known, state));
  if (!painting) requestAnimationFrame(paint);
  painting = true;
  if (state.outdated && connection) reload();
}

function paint() {
  painting = false;
  const all = withUndecided(state.matches, state.structure);
  const matches = [...all.values()].filter((match) => match.participants);
  showLists(matches);
  if (single) paintMatch(matches[0]);
  else paintTournament(matches, all);
  write(find("viewers"), viewersText(state.viewers));
}

function paintTournament(matches, all) {
  showTournament(state.structure, all);
  find("jumps").hidden = !state.structure;
  for (const link of find("jumps").children) link.hidden = find(link.hash.slice(1)).hidden;
  title(state.tournament?.name ?? "Live scores", summary(matches));
}

function paintMatch(match) {
  if (!match) return;
  title(`${nameOf(match, 0)} – ${nameOf(match, 1)}`, kickOff(match));
  showTimeline(state.histories.get(match.match_id), match);
}

function title(text, more) {
  document.title = text;
  write(find("title"), text);
  write(find("summary"), more);
}

/** Read the configuration and the tournament, with retries; then connect. */
async function start() {
  try {
    config = await readConfig(query);
    const structured = single ? null : readStructure(config);
    const [listing, structure] = await Promise.all([readListing(config), structured]);
    apply({ type: "tournament_loaded", data: listing });
    apply({ type: "structure_loaded", data: structure });
    open();
    reload();
  } catch (error) {
    const final = error instanceof NotReady && error.retryAfterMs === null;
    if (!final) wait(withJitter(error.retryAfterMs ?? START_RETRY_MS));
    const reason = error.reason === "not_announced" && single ? "no_match" : error.reason ?? null;
    startup = { ...startup, phase: final ? "closed" : "waiting", reason };
  }
}

function wait(delayMs) {
  startup = { ...startup, retryAtMs: Date.now() + delayMs };
  startup.timer = setTimeout(start, delayMs);
}

function open() {
  const { wsUrl, httpUrl, matchId, tournamentId } = config;
  const room = matchId ? { match: matchId } : { tournament: tournamentId };
  connection = connect({ url: wsUrl, http: httpUrl, token, ...room });
  for (const type of EVENTS) connection.on(type, (data) => apply({ type, data }));
  connection.on("status", ({ phase }) => phase === "connecting" && apply({ type: "socket_opened" }));
  for (const data of loadHistories([...state.matches.keys()])) apply({ type: "history_loaded", data });
  const stop = connection.on("snapshot", () => {
    stop();
    if (single || !state.structure) loadHistory(room);
  });
}

/** The site may have a newer one: tokens expire. */
async function token() {
  config = await readConfig(query).catch(() => config);
  return config.token;
}

/** Load earlier decisive events: a match's timeline, a tournament's bracket. */
async function loadHistory(room) {
  await null; // the answer with the snapshot must not settle this request
  const answer = await connection.subscribe(room, { since: 0 }).catch(() => null); // the status shows the reason
  for (const event of answer?.events ?? []) {
    const { match_id } = event.data;
    apply(single ? { type: "history_loaded", data: { match_id, events: [event] } } : event);
  }
}

/** Read the tournament again until it lists every known match and has stopped growing. */
async function reload() {
  if (reloading) return;
  reloading = true;
  let size = -1;
  for (let delayMs = RELOAD_MIN_MS; isGrowing(size, delayMs); delayMs *= 2) {
    size = state.matches.size;
    await new Promise((resume) => setTimeout(resume, withJitter(Math.min(delayMs, RELOAD_MAX_MS))));
    const listing = await readListing(config).catch(() => null); // the connection's notice has the reason
    if (listing) apply({ type: "tournament_loaded", data: listing });
  }
  reloading = false;
}

/** A structure's matches may never be listed: wait for them for a minute. */
function isGrowing(size, delayMs) {
  if (state.outdated || state.matches.size > size) return true;
  return delayMs <= RELOAD_MAX_MS && state.structure !== null && !hasAll(state.matches, state.structure);
}

/** This page's URL with another match, or without. */
function pageOf(match) {
  const target = new URLSearchParams(query);
  target.delete("match");
  if (match) target.set("match", match);
  return `?${target}`;
}

function retry() {
  if (connection) return connection.retryNow();
  clearTimeout(startup.timer);
  start();
}

document.body.dataset.view = single ? "match" : "tournament";
find("all").href = pageOf();
find("retry").onclick = retry;
addEventListener("pagehide", () => saveHistories(state.histories));
setInterval(() => showConnection(connection?.status ?? startup, Date.now(), navigator.onLine), TICK_MS);
startAnnouncing();
start();
