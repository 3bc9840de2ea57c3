/** Puts the spectator's page together: reads the tournament, keeps the connection, shows it. */

import { connect } from "./client/index.js";
import { NotReady, about, readConfig, readListing, readStructure } from "./api.js";
import { showConnection } from "./bar.js";
import { matchCharts } from "./charts.js";
import { find, write } from "./elements.js";
import { keep, recall } from "./memory.js";
import { showTimeline } from "./moments.js";
import { matchLists } from "./rows.js";
import { EMPTY, reduce } from "./state.js";
import { disclosed, hasAll } from "./structure.js";
import { say, startSpeaking } from "./voice.js";
import { kickOff, nameOf, spoken, summary, viewersText } from "./words.js";

const TICK_MS = 250;
const ARRIVAL_RETRY_MS = 3000;
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
const showCharts = matchCharts(pageOf);
let state = EMPTY;
let config = null;
let connection = null;
let arrival = { phase: "connecting", reason: null, retryAtMs: null, heardAtMs: null };
let painting = false;
let reloading = false;

function apply(frame) {
  const known = state;
  state = reduce(known, frame);
  if (state === known) return;
  say(spoken(known, state));
  if (!painting) requestAnimationFrame(paint);
  painting = true;
  if (state.outdated && connection) reload();
}

function paint() {
  painting = false;
  const all = disclosed(state.matches, state.structure);
  const matches = [...all.values()].filter((match) => match.participants);
  showLists(matches);
  if (single) paintMatch(matches[0]);
  else paintTournament(matches, all);
  write(find("viewers"), viewersText(state.viewers));
}

function paintTournament(matches, all) {
  showCharts(state.structure, all);
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

/** Read where to connect and who plays, however long it takes; then connect. */
async function arrive() {
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
    if (!final) wait(about(error.retryAfterMs ?? ARRIVAL_RETRY_MS));
    const reason = error.reason === "not_announced" && single ? "no_match" : error.reason ?? null;
    arrival = { ...arrival, phase: final ? "closed" : "waiting", reason };
  }
}

function wait(delayMs) {
  arrival = { ...arrival, retryAtMs: Date.now() + delayMs };
  arrival.timer = setTimeout(arrive, delayMs);
}

function open() {
  const { wsUrl, httpUrl, matchId, tournamentId } = config;
  const room = matchId ? { match: matchId } : { tournament: tournamentId };
  connection = connect({ url: wsUrl, http: httpUrl, token, ...room });
  for (const type of EVENTS) connection.on(type, (data) => apply({ type, data }));
  connection.on("status", ({ phase }) => phase === "connecting" && apply({ type: "socket_opened" }));
  for (const heard of recall([...state.matches.keys()])) apply({ type: "history_loaded", data: heard });
  const stop = connection.on("snapshot", () => {
    stop();
    if (single || !state.structure) askHistory(room);
  });
}

/** The site may have a newer one: tokens end. */
async function token() {
  config = await readConfig(query).catch(() => config);
  return config.token;
}

/** What was decided before we came: a match's timeline, a tournament's bracket. */
async function askHistory(room) {
  await null; // the answer that brought the snapshot must not be taken for this one's
  const answer = await connection.subscribe(room, { since: 0 }).catch(() => null); // the status tells why
  for (const frame of answer?.events ?? []) {
    const { match_id } = frame.data;
    apply(single ? { type: "history_loaded", data: { match_id, events: [frame] } } : frame);
  }
}

/** Read the tournament again until it lists all that was heard of, and has stopped growing. */
async function reload() {
  if (reloading) return;
  reloading = true;
  let size = -1;
  for (let delayMs = RELOAD_MIN_MS; isGrowing(size, delayMs); delayMs *= 2) {
    size = state.matches.size;
    await new Promise((resume) => setTimeout(resume, about(Math.min(delayMs, RELOAD_MAX_MS))));
    const listing = await readListing(config).catch(() => null); // the socket says what is wrong
    if (listing) apply({ type: "tournament_loaded", data: listing });
  }
  reloading = false;
}

/** The matches of the structure may never come: they are waited for a minute. */
function isGrowing(size, delayMs) {
  if (state.outdated || state.matches.size > size) return true;
  return delayMs <= RELOAD_MAX_MS && state.structure !== null && !hasAll(state.matches, state.structure);
}

/** This page's address with another match in it, or none. */
function pageOf(match) {
  const target = new URLSearchParams(query);
  target.delete("match");
  if (match) target.set("match", match);
  return `?${target}`;
}

function retry() {
  if (connection) return connection.retryNow();
  clearTimeout(arrival.timer);
  arrive();
}

document.body.dataset.view = single ? "match" : "tournament";
find("all").href = pageOf();
find("retry").onclick = retry;
addEventListener("pagehide", () => keep(state.histories));
setInterval(() => showConnection(connection?.status ?? arrival, Date.now(), navigator.onLine), TICK_MS);
startSpeaking();
arrive();
