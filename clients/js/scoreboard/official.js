/** The official's page: the signed-in user, the connection, the chosen match. */

import { connect } from "./client/index.js";
import { official } from "./client/official.js";
import { matchStore, tournamentStore } from "./client/store.js";
import { announce, startAnnouncing } from "./announcer.js";
import { readListing } from "./api.js";
import { reapplied } from "./command-log.js";
import { commandLog, forgetCommands, giveCommand, hasOpenCommands, onCommandsChange, repeat, startCommands } from "./commands.js";
import { showConnection } from "./connection-bar.js";
import { find, translate, write } from "./elements.js";
import { chooseLanguage, setLanguage, t } from "./i18n.js";
import { announcements, clock, dateAndClock, kickOff, versus } from "./labels.js";
import { clearControls, createControls, showControls } from "./match-controls.js";
import { matchLists } from "./match-list.js";
import { loadTimelines, saveTimelines, saveToken } from "./session-store.js";
import { askAgain, startSignIn, takeInvitation } from "./sign-in.js";
import { readHistory, withHistory } from "./history.js";
import { showClock } from "./play-controls.js";
import { actionText } from "./play-labels.js";
import { showTimeline } from "./timeline-view.js";
import { holderText, roleIn } from "./token-claims.js";
import { createTournamentControls, showTournamentControls } from "./tournament-controls.js";
import { keepAwake } from "./wake-lock.js";

const REFRESH_MS = 250;
const EXPIRES_SOON_MS = 5 * 60_000;

const query = new URLSearchParams(location.search);
let claims = null;
let config = null;
let connection = null;
let tournament = null; // the tournament's store
let chosen = null; // the id of the match in the controls, its store, and how to leave it
let announced = new Map();
let painting = false;

const invited = takeInvitation();
await setLanguage(chooseLanguage([query.get("lang"), ...navigator.languages]));
translate();
const showLists = matchLists((id) => `#${id}`);

function begin(signedIn) {
  if (connection) return renew(signedIn);
  ({ claims, config } = signedIn);
  const { wsUrl, httpUrl, tournamentId } = config;
  const opened = connect({ url: wsUrl, http: httpUrl, token: () => config.token, tournament: tournamentId });
  try {
    tournament = tournamentStore(opened, tournamentId);
    tournament.load(signedIn.listing);
    for (const [id, events] of loadTimelines([...tournament.state.matches.keys()])) tournament.addEvents(id, events);
    for (const type of ["tournament_completed", "tournament_reopened"]) opened.on(type, readTournament);
    announced = tournament.state.matches;
    tournament.subscribe(repaint);
    connection = opened;
    startCommands({ official: official(opened), whenLive });
    find("sign-out").hidden = false;
    chooseMatch();
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** A newer token of the same user is used from now on; that of another one for a page of its own. */
function renew(signedIn) {
  const isSame = signedIn.claims.userId === claims.userId && signedIn.config.tournamentId === config.tournamentId;
  if (!isSame) return reload();
  ({ claims, config } = signedIn);
  tournament.load(signedIn.listing);
  if (connection.status.phase !== "live") connection.retryNow();
  find("title").focus();
  repaint();
}

function whenLive() {
  const isLive = () => connection.status.phase === "live";
  return new Promise((resume) => {
    if (isLive()) return resume();
    const stop = connection.on("status", () => isLive() && resume(stop()));
  });
}

/** Its state is in no event. */
async function readTournament() {
  tournament.load(await readListing(config));
}

function signOut() {
  if (hasOpenCommands() && !confirm(t("official.sign_out_sure"))) return;
  saveToken(null);
  forgetCommands();
  reload();
}

function reload() {
  connection.close();
  removeEventListener("beforeunload", warnBeforeUnload);
  location.reload();
}

/** Show the match that the URL's fragment names; one with a token is an invitation. */
function chooseMatch() {
  const token = takeInvitation();
  if (token) signIn(token);
  if (!connection) return;
  chosen?.leave();
  const match = tournament.state.matches.get(location.hash.slice(1));
  chosen = match ? joined(match.match_id) : null;
  clearControls();
  repaint();
  find("title").focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** The match's own room recovers more than the tournament's; its timeline is loaded on each socket. */
function joined(id) {
  const store = matchStore(connection, id, tournament.state.matches.get(id));
  const stops = [
    store.subscribe(repaint),
    connection.on("snapshot", ({ room, established }) => {
      if (established && room.match === id) queueMicrotask(() => store.loadTimeline().catch(() => null));
    }),
  ];
  readHistory(config, id).then((entries) => {
    if (chosen?.id === id) chosen.past = entries;
    repaint();
  }, () => null); // the timeline then begins with what the connection has
  return { id, store, past: [], leave: () => stops.forEach((stop) => stop()) };
}

function repaint() {
  if (!painting) requestAnimationFrame(paint);
  painting = true;
}

function paint() {
  painting = false;
  if (!connection) return;
  announce(announcements({ matches: announced }, tournament.state));
  announced = tournament.state.matches;
  const match = current();
  find("choice").hidden = Boolean(match);
  find("controls").hidden = !match;
  find("all").hidden = !match;
  find("public").href = publicUrl(match);
  keepAwake(Boolean(match) && isInPlay(match));
  if (match) paintControls(match);
  else paintChoice();
}

const isInPlay = ({ state }) => ["live", "paused", "disputed"].includes(state);

/** The newer of what the two rooms know of the chosen match, with its names. */
function current() {
  const known = tournament.state.matches.get(chosen?.id);
  const own = chosen?.store.state.match;
  return own && known && own.sequence >= known.sequence ? { ...known, ...own } : known;
}

function publicUrl(match) {
  const target = new URLSearchParams(query);
  if (match) target.set("match", match.match_id);
  return `./?${target}`;
}

function paintControls(match) {
  title(versus(match), kickOff(match));
  const { timeline } = chosen.store.state;
  const messages = timeline.length ? timeline : tournament.state.timelines.get(match.match_id);
  const isConnected = connection.status.phase === "live" && navigator.onLine;
  const serverMs = () => connection.serverTimeMs;
  const view = { match, role: roleOf(match), log: commandLog(), messages, isConnected, config, serverMs };
  const rows = showTimeline(withHistory(messages ?? [], chosen.past), match);
  showControls(view, rows, { repeat, apply: (entry) => applyToStored(match, entry) });
}

/** The change of an entry that was in conflict, upon what another official has stored. */
function applyToStored(match, entry) {
  const { details, scoring } = entry;
  const fields = reapplied(commandLog(), match, entry);
  if (fields) giveCommand(match.match_id, "score", { ...fields, details, scoring }, actionText(fields, match));
}

function paintChoice() {
  const named = [...tournament.state.matches.values()].filter((match) => match.participants);
  const mine = named.filter((match) => roleOf(match) !== "spectator");
  const name = tournament.state.tournament?.name ?? t("official.this_tournament");
  const more = mine.length ? name : t("official.no_access", { tournament: name });
  title(t("official.your_matches"), location.hash.length > 1 ? t("official.no_match", { more }) : more);
  showLists(mine);
  const whole = roleOf({ participants: [] });
  showTournamentControls(tournament.state.tournament ?? {}, whole === "official");
  find("live").closest("[data-part]").hidden = find("live").childElementCount === 0;
  for (const part of ["upcoming", "finished"]) {
    find(part).closest("section").hidden = find(part).childElementCount === 0;
  }
}

function title(text, more) {
  document.title = text;
  write(find("title"), text);
  write(find("summary"), more);
}

function roleOf(match) {
  const organizers = tournament.state.tournament?.organizers ?? [];
  return roleIn(claims, match, { id: config.tournamentId, organizers });
}

function refreshStatus() {
  if (!connection) return;
  const nowMs = Date.now();
  write(find("holder"), holderText(claims, nowMs, { clock, dateAndClock }));
  const expiry = expiryText(claims.expiresAtMs - nowMs);
  showConnection(connection.status, navigator.onLine, expiry);
  find("renew").hidden = !expiry;
  showClock();
}

function expiryText(remainingMs) {
  if (remainingMs <= 0) return t("official.expired");
  return remainingMs < EXPIRES_SOON_MS ? t("official.expires_soon") : "";
}

function warnBeforeUnload(event) {
  if (hasOpenCommands()) event.preventDefault();
}

function save() {
  if (!tournament) return;
  const own = chosen ? [[chosen.id, chosen.store.state.timeline]] : [];
  saveTimelines(new Map([...tournament.state.timelines, ...own]));
}

createControls((kind, more, label) => giveCommand(chosen.id, kind, more, label));
createTournamentControls(() => config, () => [...tournament.state.matches.values()].some(isInPlay), readTournament);
onCommandsChange(repaint);
find("sign-out").onclick = signOut;
find("renew").onclick = askAgain;
find("retry").onclick = () => connection.retryNow();
addEventListener("hashchange", chooseMatch);
addEventListener("beforeunload", warnBeforeUnload);
addEventListener("pagehide", save);
for (const change of ["online", "offline"]) addEventListener(change, repaint);
setInterval(refreshStatus, REFRESH_MS);
startAnnouncing();
const signIn = startSignIn(query, begin, invited);
