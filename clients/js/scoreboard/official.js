/** Puts the official's page together: who has signed in, the connection, the chosen match. */

import { connect } from "./client/index.js";
import { showConnection } from "./bar.js";
import { holderText, roleIn } from "./claims.js";
import { clearDesk, makeDesk, showDesk } from "./desk.js";
import { find, write } from "./elements.js";
import { keepToken } from "./memory.js";
import { showTimeline } from "./moments.js";
import { hasOpenOrders, order, orders, repeat, whenOrdersChange } from "./orders.js";
import { matchLists } from "./rows.js";
import { startSigningIn } from "./signing.js";
import { EMPTY, reduce } from "./state.js";
import { say, startSpeaking } from "./voice.js";
import { clock, dateAndClock, kickOff, nameOf, spoken } from "./words.js";

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
let state = EMPTY;
let joined = null; // the id of the match that is run
let painting = false;

function enter(signedIn) {
  ({ claims, config } = signedIn);
  apply({ type: "tournament_loaded", data: signedIn.listing });
  const { wsUrl, httpUrl, tournamentId, token } = config;
  connection = connect({ url: wsUrl, http: httpUrl, token: () => token, tournament: tournamentId });
  for (const type of EVENTS) connection.on(type, (data) => apply({ type, data }));
  connection.on("snapshot", ({ room, established }) => {
    if (established && room.tournament && joined) loadHistory(joined);
  });
  connection.on("status", ({ phase }) => {
    if (phase === "connecting") apply({ type: "socket_opened" });
    else repaint();
  });
  find("sign-out").hidden = false;
  choose();
}

function signOut() {
  const sure = "Some of your commands have not arrived. Sign out all the same?";
  if (hasOpenOrders() && !confirm(sure)) return;
  connection.close();
  keepToken(null);
  removeEventListener("beforeunload", warn);
  location.reload();
}

function apply(frame) {
  const known = state;
  state = reduce(known, frame);
  if (state === known) return;
  if (connection) say(spoken(known, state));
  repaint();
}

/** The match in the address is the one that is run. */
function choose() {
  if (!connection) return;
  const match = state.matches.get(location.hash.slice(1));
  if (joined) connection.unsubscribe({ match: joined }).catch(() => null); // the next socket is not in it
  joined = match?.match_id ?? null;
  clearDesk();
  repaint();
  if (joined && connection.status.phase === "live") loadHistory(joined);
  find("title").focus({ preventScroll: true });
  scrollTo(0, 0);
}

async function loadHistory(match_id) {
  const asked = connection.subscribe({ match: match_id }, { since: 0 });
  const answer = await asked.catch(() => null); // the status tells why
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
  find("desk").hidden = !match;
  find("all").hidden = !match;
  find("public").href = `./?${query}${match ? `&match=${joined}` : ""}`;
  if (match) paintDesk(match);
  else paintChoice();
}

function paintDesk(match) {
  title(`${nameOf(match, 0)} – ${nameOf(match, 1)}`, kickOff(match));
  const history = state.histories.get(match.match_id);
  const isConnected = connection.status.phase === "live" && navigator.onLine;
  showDesk({ match, role: roleOf(match), log: orders(), history, isConnected }, repeat);
  showTimeline(history, match);
}

function paintChoice() {
  const named = [...state.matches.values()].filter((match) => match.participants);
  const mine = named.filter((match) => roleOf(match) !== "spectator");
  const name = state.tournament?.name ?? "this tournament";
  const unknown = location.hash.length > 1 ? "There is no such match here. " : "";
  title("Your matches", unknown + (mine.length ? name : `Your token runs no match of ${name}.`));
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

function expiryText(leftMs) {
  if (leftMs <= 0) return "Your access has expired. Sign out, and in again with a new token.";
  return leftMs < EXPIRES_SOON_MS ? "Your access ends in a few minutes: have a new token ready." : "";
}

function warn(event) {
  if (hasOpenOrders()) event.preventDefault();
}

makeDesk((kind, more) => order(connection, joined, kind, more));
whenOrdersChange(repaint);
find("sign-out").onclick = signOut;
find("retry").onclick = () => connection.retryNow();
addEventListener("hashchange", choose);
addEventListener("beforeunload", warn);
for (const change of ["online", "offline"]) addEventListener(change, repaint);
setInterval(tick, TICK_MS);
startSpeaking();
startSigningIn(query, enter);
