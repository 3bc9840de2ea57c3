/** The official's page: the signed-in user, the connection, the chosen match. */

import { connect } from "./client/index.js";
import { official } from "./client/official.js";
import { showConnection } from "./connection-bar.js";
import { holderText, roleIn } from "./token-claims.js";
import { clearControls, createControls, showControls } from "./match-controls.js";
import { find, write } from "./elements.js";
import { saveToken } from "./session-store.js";
import { showTimeline } from "./timeline-view.js";
import { commandLog, giveCommand, hasOpenCommands, onCommandsChange, repeat } from "./commands.js";
import { matchLists } from "./match-list.js";
import { startSignIn } from "./sign-in.js";
import { EMPTY, reduce } from "./state.js";
import { announce, startAnnouncing } from "./announcer.js";
import { clock, dateAndClock, kickOff, nameOf, announcements } from "./labels.js";

const TICK_MS = 250;
const EXPIRES_SOON_MS = 5 * 60_000;
const EVENTS = [
  "snapshot",
  "score_updated",
  "match_started",
  "match_state_changed",
  "match_completed",
  "dispute_created",
];

const query = new URLSearchParams(location.search);
const showLists = matchLists((id) => `#${id}`);
let claims = null;
let config = null;
let connection = null;
let commands = null;
let state = EMPTY;
let joined = null; // the id of the match in the controls
let painting = false;

function begin(signedIn) {
  ({ claims, config } = signedIn);
  apply({ type: "tournament_loaded", data: signedIn.listing });
  const { wsUrl, httpUrl, tournamentId, token } = config;
  connection = connect({ url: wsUrl, http: httpUrl, token: () => token, tournament: tournamentId });
  commands = official(connection);
  for (const type of EVENTS) connection.on(type, (data) => apply({ type, data }));
  connection.on("snapshot", ({ room, established }) => {
    if (established && room.tournament && joined) loadHistory(joined);
  });
  connection.on("status", ({ phase }) => {
    if (phase === "connecting") apply({ type: "socket_opened" });
    else repaint();
  });
  find("sign-out").hidden = false;
  chooseMatch();
}

function signOut() {
  const sure = "Some of your commands have not been saved. Sign out anyway?";
  if (hasOpenCommands() && !confirm(sure)) return;
  connection.close();
  saveToken(null);
  removeEventListener("beforeunload", warnBeforeUnload);
  location.reload();
}

function apply(message) {
  const known = state;
  state = reduce(known, message);
  if (state === known) return;
  if (connection) announce(announcements(known, state));
  repaint();
}

/** Show the match that the URL's fragment names. */
function chooseMatch() {
  if (!connection) return;
  const match = state.matches.get(location.hash.slice(1));
  if (joined) connection.unsubscribe({ match: joined }).catch(() => null); // the next socket does not join it
  joined = match?.match_id ?? null;
  clearControls();
  repaint();
  if (joined && connection.status.phase === "live") loadHistory(joined);
  find("title").focus({ preventScroll: true });
  scrollTo(0, 0);
}

async function loadHistory(match_id) {
  const subscribed = connection.subscribe({ match: match_id }, { since: 0 });
  const answer = await subscribed.catch(() => null); // the status shows the reason
  apply({ type: "history_loaded", data: { match_id, events: answer?.events ?? [] } });
}

function repaint() {
  if (!painting) requestAnimationFrame(paint);
  painting = true;
}

function paint() {
  painting = false;
  if (!connection) return;
  const match = state.matches.get(joined);
  find("choice").hidden = Boolean(match);
  find("controls").hidden = !match;
  find("all").hidden = !match;
  find("public").href = `./?${query}${match ? `&match=${joined}` : ""}`;
  if (match) paintControls(match);
  else paintChoice();
}

function paintControls(match) {
  title(`${nameOf(match, 0)} – ${nameOf(match, 1)}`, kickOff(match));
  const history = state.histories.get(match.match_id);
  const isConnected = connection.status.phase === "live" && navigator.onLine;
  showControls({ match, role: roleOf(match), log: commandLog(), history, isConnected }, repeat);
  showTimeline(history, match);
}

function paintChoice() {
  const named = [...state.matches.values()].filter((match) => match.participants);
  const mine = named.filter((match) => roleOf(match) !== "spectator");
  const name = state.tournament?.name ?? "this tournament";
  const unknown = location.hash.length > 1 ? "This tournament has no such match. " : "";
  title("Your matches", unknown + (mine.length ? name : `Your token does not give access to any match of ${name}.`));
  showLists(mine);
}

function title(text, more) {
  document.title = text;
  write(find("title"), text);
  write(find("summary"), more);
}

function roleOf(match) {
  return roleIn(claims, match, { id: config.tournamentId, organizers: state.tournament.organizers });
}

function tick() {
  if (!connection) return;
  const nowMs = Date.now();
  write(find("holder"), holderText(claims, nowMs, { clock, dateAndClock }));
  showConnection(connection.status, nowMs, navigator.onLine, expiryText(claims.expiresAtMs - nowMs));
}

function expiryText(remainingMs) {
  if (remainingMs <= 0) return "Your access has expired. Sign out, then sign in with a new token.";
  return remainingMs < EXPIRES_SOON_MS ? "Your access expires in a few minutes. Have a new token ready." : "";
}

function warnBeforeUnload(event) {
  if (hasOpenCommands()) event.preventDefault();
}

createControls((kind, more) => giveCommand(commands, joined, kind, more));
onCommandsChange(repaint);
find("sign-out").onclick = signOut;
find("retry").onclick = () => connection.retryNow();
addEventListener("hashchange", chooseMatch);
addEventListener("beforeunload", warnBeforeUnload);
for (const change of ["online", "offline"]) addEventListener(change, repaint);
setInterval(tick, TICK_MS);
startAnnouncing();
startSignIn(query, begin);
