/** The spectator's page: reads the tournament, connects, and renders each change. */

import { connectOrPoll } from "./client/overflow.js";
import { isDescribed } from "./client/reducer.js";
import { advance } from "./client/standings.js";
import { matchStore, tournamentStore } from "./client/store.js";
import { announce, startAnnouncing } from "./announcer.js";
import { NotReady, readConfig, readListing, readStructure, withJitter } from "./api.js";
import { showConnection } from "./connection-bar.js";
import { loadLast, saveLast } from "./device-store.js";
import { find, translate, write } from "./elements.js";
import { isFavourite, showFollowButtons } from "./favourites.js";
import { attachFilter, showFilter } from "./filter-field.js";
import { readHistory, withHistory } from "./history.js";
import { chooseLanguage, setLanguage, t } from "./i18n.js";
import { announcements, asOf, documentTitle, kickOff, summary, versus, viewersText } from "./labels.js";
import { arrange } from "./match-groups.js";
import { matchLists } from "./match-list.js";
import { showMatchClock, showMatchView } from "./match-view.js";
import { loadTimelines, saveTimelines } from "./session-store.js";
import { hasAll, structureIn, withUndecided } from "./structure.js";
import { attachTabs, showTabs } from "./tabs.js";
import { tournamentView } from "./tournament-view.js";

const REFRESH_MS = 250;
const START_RETRY_MS = 3000;
const RELOAD_MIN_MS = 2000;
const RELOAD_MAX_MS = 32_000;
const SAVE_MS = 10_000;
const STARTING = { phase: "connecting", reason: null, retryAtMs: null, isStale: false, lastMessageAtMs: null };

const query = new URLSearchParams(location.search);
const single = query.has("match");
const address = [query.get("tournament"), query.get("match")].join("/");
document.body.dataset.view = single ? "match" : "tournament";
let config = null;
let connection = null;
let store = null;
let last = null; // what an earlier visit knew, shown while nothing can be reached
let structure = null;
let isBracketNew = false;
let isShown = false; // the one match
let past = []; // its history
let announced = new Map(); // the matches as they were last announced
let startup = STARTING;
let startTimer = null;
let painting = false;
let reloading = false;

await setLanguage(chooseLanguage([query.get("lang"), ...navigator.languages]));
translate();
const showLists = matchLists(pageOf, { serverTimeMs, isFavourite });
const showTournament = tournamentView(pageOf);

const shownState = () => store?.state ?? last;

function matches() {
  const { match, matches: all } = shownState();
  return all ?? new Map(match ? [[match.match_id, match]] : []);
}

function schedulePaint() {
  const known = matches();
  announce(announcements({ matches: announced }, { matches: known }));
  announced = known;
  if (!painting) requestAnimationFrame(paint);
  painting = true;
  if (store && !single && (isBracketNew || isIncomplete(known))) reload();
}

function paint() {
  painting = false;
  if (!shownState()) return;
  if (single) paintMatch(shownState());
  else paintTournament(withUndecided(matches(), structure, advance(structure?.rounds ?? [], matches())));
}

function paintTournament(all) {
  const named = [...all.values()].filter((match) => match.participants);
  const fits = showFilter(named, structure);
  const fitting = named.filter(fits);
  showLists(fitting);
  const parts = arrange(fitting, () => "");
  const count = (...groups) => groups.flat().flatMap((group) => group.matches ?? group).length;
  showTabs({
    live: count(parts.live),
    schedule: count(parts.upcoming, parts.later),
    results: count(parts.finished, parts.earlier),
    ...showTournament(structure, all, fits),
  });
  showNoneLive(count(parts.live), parts.upcoming[0]?.matches[0]);
  const name = shownState().tournament?.name ?? t("title");
  title(name, summary(named));
  const live = count(parts.live);
  document.title = live ? `${t("document.live", { count: live })} · ${name}` : name;
}

function showNoneLive(live, next) {
  find("none-live").hidden = live > 0 || find("live").childElementCount > 0 || !find("none-fits").hidden;
  write(find("none-live"), next ? t("none.live_next", { match: versus(next), time: kickOff(next) }) : t("none.live"));
}

function paintMatch({ match, timeline }) {
  if (!match?.participants) return isShown && title(t("deleted"), "");
  isShown = true;
  title(versus(match), "");
  document.title = documentTitle(match);
  showMatchView(match, withHistory(timeline, past), serverTimeMs());
  showFollowButtons(match);
}

function title(text, more) {
  write(find("title"), text);
  write(find("summary"), more);
}

/** Read the configuration and the tournament, with retries; then connect. */
async function start() {
  try {
    config = await readConfig(query);
    const [listing, structured] = await Promise.all([readListing(config), single ? null : readStructure(config)]);
    structure = structureIn(structured);
    open(listing);
  } catch (error) {
    const isFinal = error instanceof NotReady && error.retryAfterMs === null;
    if (!isFinal) wait(withJitter(error.retryAfterMs ?? START_RETRY_MS));
    const reason = error.reason === "not_announced" && single ? "no_match" : (error.reason ?? null);
    startup = { ...startup, phase: isFinal ? "closed" : "waiting", reason };
    if (!error.reason) showLast();
  }
}

/** Nothing can be reached: better old scores, marked as such, than none. */
function showLast() {
  const found = last ?? loadLast(address);
  if (!found) return;
  const known = new Map(found.matches.map((match) => [match.match_id, match]));
  last = { ...found, matches: single ? undefined : known, match: known.get(query.get("match")) };
  structure ??= found.structure;
  startup = { ...startup, lastMessageAtMs: found.atMs };
  schedulePaint();
}

function wait(delayMs) {
  startup = { ...startup, phase: "waiting", reason: null, retryAtMs: Date.now() + delayMs };
  startTimer = setTimeout(start, delayMs);
}

/** A failed opening closes its connection: the next attempt opens another one. */
function open(listing) {
  const { wsUrl, httpUrl, matchId, tournamentId } = config;
  const room = single ? { match: matchId } : { tournament: tournamentId };
  const opened = connectOrPoll({ url: wsUrl, http: httpUrl, token, ...room });
  try {
    store = single ? matchStore(opened, matchId, listing) : tournamentStore(opened, tournamentId);
    if (!single) store.load(listing);
    addTimelines(loadTimelines([...matches().keys()]));
    announced = matches();
    store.subscribe(schedulePaint);
    follow(opened);
    connection = opened;
    schedulePaint();
  } catch (error) {
    opened.close();
    store = null;
    throw error;
  }
}

function addTimelines(timelines) {
  for (const [id, events] of timelines) {
    if (single) store.addEvents(events);
    else store.addEvents(id, events);
  }
}

function follow(opened) {
  for (const type of ["bracket_generated", "bracket_updated"]) {
    opened.on(type, (bracket) => {
      structure = structureIn(bracket) ?? structure;
      isBracketNew = true;
      schedulePaint();
      if (bracket.version && !bracket.rounds) readLargeStructure();
    });
  }
  const stop = opened.on("snapshot", () => {
    stop();
    // The answer with the snapshot must not settle this request.
    queueMicrotask(() => loadHistory().catch(() => null)); // the status shows the reason
  });
}

/** One that is too large for its event. */
async function readLargeStructure() {
  structure = structureIn(await readStructure(config)) ?? structure;
  schedulePaint();
}

/** Earlier decisive events: a match's timeline, a tournament's bracket. */
async function loadHistory() {
  if (single) await Promise.all([store.loadTimeline(), loadPast()]);
  else if (!structure) await store.loadHistory();
  structure ??= structureIn(store.state.bracket);
  schedulePaint();
}

/** What the page has missed for good, such as scores that were merged before it was opened. */
async function loadPast() {
  past = await readHistory(config, config.matchId).catch(() => past);
}

/** The site may have a newer one: tokens expire. */
async function token() {
  config = await readConfig(query).catch(() => config);
  return config.token;
}

/** Read the tournament again until it lists every known match and has stopped growing. */
async function reload() {
  if (reloading) return;
  reloading = true;
  let size = -1;
  for (let delayMs = RELOAD_MIN_MS; isGrowing(size, delayMs); delayMs *= 2) {
    size = matches().size;
    await new Promise((resume) => setTimeout(resume, withJitter(Math.min(delayMs, RELOAD_MAX_MS))));
    const listing = await readListing(config).catch(() => null); // the connection's notice has the reason
    isBracketNew &&= !listing;
    if (listing) store.load(listing);
  }
  reloading = false;
}

/** A structure's matches may never be listed: wait for them for a minute. */
function isGrowing(size, delayMs) {
  const known = matches();
  if (isBracketNew || isIncomplete(known) || known.size > size) return true;
  return delayMs <= RELOAD_MAX_MS && structure !== null && !hasAll(known, structure);
}

/** An event or a snapshot has named a match that no listing has described as it is now. */
function isIncomplete(known) {
  return [...known.values()].some((match) => !isDescribed(match));
}

function serverTimeMs() {
  return connection?.status.phase === "live" ? connection.serverTimeMs : null;
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
  clearTimeout(startTimer);
  start();
}

function save() {
  if (!store) return;
  saveShown();
  saveTimelines(single ? new Map([[config.matchId, store.state.timeline]]) : store.state.timelines);
}

/** For a visit without a network. */
function saveShown() {
  const { tournament, timeline = [] } = store.state;
  const atMs = connection?.status.lastMessageAtMs;
  if (atMs) saveLast(address, { atMs, matches: [...matches().values()], timeline, tournament, structure });
}

function refreshStatus() {
  const status = connection?.status ?? startup;
  showConnection(status, navigator.onLine);
  const isOld = status.isStale || !navigator.onLine || (status.phase !== "live" && status.phase !== "polling");
  write(find("viewers"), isOld ? asOf(status.lastMessageAtMs, Date.now()) : viewersText(store?.state.viewers));
  if (single && store?.state.match?.clock) showMatchClock(store.state.match, serverTimeMs());
}

find("all").href = pageOf();
find("retry").onclick = retry;
addEventListener("pagehide", save);
setInterval(() => store && saveShown(), SAVE_MS);
navigator.serviceWorker?.register("service-worker.js").catch(() => null); // an address without HTTPS has none
setInterval(refreshStatus, REFRESH_MS);
if (!single) {
  attachTabs();
  attachFilter(query, paint);
}
startAnnouncing();
start();
