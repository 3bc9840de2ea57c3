/** The page for developers and the person on call: a connection, message by message. */

import { browser, connect } from "./client/index.js";
import { startAnnouncing } from "./announcer.js";
import texts from "./console-texts.js";
import { showConnection } from "./connection-bar.js";
import { onSubmit } from "./dialogs.js";
import { copyOf, find, place, translate, write } from "./elements.js";
import { formatTime, number, t, useTexts } from "./i18n.js";
import { dateAndClock, clock, nameOf } from "./labels.js";
import { saveToken } from "./session-store.js";
import { startSignIn } from "./sign-in.js";
import { holderText } from "./token-claims.js";
import { gapsIn, medianAgeMs, newTrace, record } from "./trace.js";

const OFFICIALS = ["admin", "service", "organizer"];
const TICK_MS = 500;
const ROOMS_MS = 10_000;
const ROOMS_MAX = 20;

const query = new URLSearchParams(location.search);
const trace = newTrace();
const roomElements = new Map();
const messageElements = new WeakMap();
let connection = null;
let config = null;
let rooms = []; // {id, room, name, isJoined, viewers, capacity}
let isFrozen = false;
let roundTripMs = null;

useTexts(texts);
translate();

function begin({ claims, config: read, listing }) {
  config = read;
  const { wsUrl, httpUrl, tournamentId, token } = config;
  rooms = roomsOf(listing, tournamentId);
  connection = connect({
    url: wsUrl, http: httpUrl, token: () => token, tournament: tournamentId,
    platform: { ...browser, openSocket: (url) => traced(browser.openSocket(url)) },
  });
  write(find("holder"), holderText(claims, Date.now(), { clock, dateAndClock }));
  setInterval(readRooms, ROOMS_MS);
  readRooms();
}

/** The tournament's, and those of the matches that are in play or come next. */
function roomsOf({ matches, name }, tournamentId) {
  const open = matches.filter(({ state }) => state !== "completed" && state !== "cancelled").slice(0, ROOMS_MAX);
  const tournament = { id: tournamentId, room: { tournament: tournamentId }, name: name ?? tournamentId, isJoined: true };
  const own = open.map((match) => ({
    id: match.match_id, room: { match: match.match_id }, name: `${nameOf(match, 0)} – ${nameOf(match, 1)}`, isJoined: false,
  }));
  return [tournament, ...own];
}

/** The socket, with everything that passes through it on record. */
function traced(socket) {
  return {
    get readyState() { return socket.readyState; },
    set onmessage(listener) {
      socket.onmessage = listener && ((event) => {
        const message = parsed(event.data);
        listener(event);
        if (message) receive(message);
      });
    },
    set onclose(listener) { socket.onclose = listener; },
    send(text) {
      record(trace, "out", parsed(text) ?? { type: text }, { atMs: Date.now() });
      socket.send(text);
    },
    close: () => socket.close(),
  };
}

function parsed(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return null; // no message of the protocol
  }
}

function receive(message) {
  if (message.type === "connection_established" && !OFFICIALS.includes(message.data?.role)) return refuse();
  record(trace, "in", message, { atMs: Date.now(), serverMs: connection.serverTimeMs });
  find("signed-in").hidden = false;
}

/** Anyone may read scores; the console is for those who run them. */
function refuse() {
  connection.close();
  saveToken(null);
  find("signed-in").hidden = true;
  find("sign-in").hidden = false;
  write(find("token-error"), t("console.refused"));
}

const headers = () => ({ authorization: `Bearer ${config.token}` });

async function readRooms() {
  const startMs = performance.now();
  for (const [index, room] of rooms.entries()) {
    const response = await fetch(`${config.httpUrl}/rooms/${room.id}`, { headers: headers() }).catch(() => null);
    if (index === 0 && response) roundTripMs = Math.round(performance.now() - startMs);
    if (response?.ok) Object.assign(room, await response.json());
  }
}

function toggle(room) {
  room.isJoined = !room.isJoined;
  const done = room.isJoined ? connection.subscribe(room.room) : connection.unsubscribe(room.room);
  done.catch(() => (room.isJoined = !room.isJoined)); // the trace has the error
}

async function disconnect() {
  const user = find("user").value.trim();
  const tokens = find("revoke").checked ? "" : "?tokens=keep";
  const url = `${config.httpUrl}/users/${encodeURIComponent(user)}/connections${tokens}`;
  const response = await fetch(url, { method: "DELETE", headers: headers() }).catch(() => null);
  const body = Object(await response?.json().catch(() => null));
  const reason = body.detail ?? body.message ?? response?.status ?? t("notice.unreachable");
  write(find("disconnected"), response?.ok ? t("console.disconnected", { count: body.disconnected, user }) : t("console.failed", { reason }));
}

function paint() {
  if (connection) showConnection(connection.status, navigator.onLine);
  place(find("rooms").tBodies[0], rooms.map(roomElement));
  const numbers = { received: trace.received, sent: trace.sent, gaps: gapsIn(trace).length, merged: trace.merged };
  for (const [name, value] of Object.entries(numbers)) write(find(name), number(value));
  write(find("window"), trace.windowMs === null ? t("console.configured") : t("console.ms", { count: trace.windowMs }));
  write(find("age"), milliseconds(medianAgeMs(trace)));
  write(find("latency"), milliseconds(roundTripMs));
  if (!isFrozen) place(find("messages").tBodies[0], trace.rows.map(messageElement));
}

const milliseconds = (value) => (value === null ? "" : t("console.ms", { count: value }));

function roomElement(room) {
  if (!roomElements.has(room.id)) {
    const made = copyOf("room");
    made.querySelector("button").onclick = () => toggle(room);
    made.querySelector("button").ariaLabel = `${t("console.join")} ${room.name}`;
    roomElements.set(room.id, made);
  }
  const element = roomElements.get(room.id);
  const viewers = trace.viewers.get(room.id) ?? room.viewers;
  [room.name, viewers ?? "", room.capacity ?? ""].forEach((text, cell) => write(element.cells[cell], String(text)));
  element.querySelector("button").ariaPressed = String(room.isJoined);
  return element;
}

function messageElement(row) {
  if (messageElements.has(row)) return messageElements.get(row);
  const element = copyOf("message");
  write(element.querySelector("summary"), row.type);
  write(element.querySelector("pre"), row.json);
  const gap = row.missing && t("console.gap", { first: row.missing[0], last: row.missing[1] });
  const time = formatTime(row.atMs, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
  const sequence = [row.sequence, gap].filter((part) => part !== null).join(", ");
  const cells = [row.direction, time, row.about, sequence, row.merged ?? "", milliseconds(row.windowMs), milliseconds(row.ageMs)];
  cells.forEach((text, cell) => write(element.cells[cell + 1], String(text)));
  element.dataset.way = row.direction;
  if (gap) element.dataset.gap = "";
  messageElements.set(row, element);
  return element;
}

find("freeze").onclick = () => {
  isFrozen = !isFrozen;
  find("freeze").ariaPressed = String(isFrozen);
};
find("retry").onclick = () => connection?.retryNow();
onSubmit("disconnecting", disconnect);
setInterval(paint, TICK_MS);
startAnnouncing();
startSignIn(query, begin);
