/** The document: shows a state, and touches only what has changed. */

import { arrange } from "./listing.js";
import * as words from "./words.js";

const FLASH_MS = 4000;
const SPOKEN_AT_ONCE = 4;

const find = (id) => document.getElementById(id);
const rows = new Map();
const groups = new Map();
let arranged = null;
let sentences = [];

/** `linkTo(matchId)` is the address of a match's own page; null on such a page. */
export function showState(state, linkTo) {
  const matches = [...state.matches.values()].filter((match) => match.participants);
  for (const match of matches) showMatch(match, linkTo);
  arrangeRows(matches);
  const single = linkTo ? null : matches[0];
  const names = single && `${words.nameOf(single, 0)} – ${words.nameOf(single, 1)}`;
  document.title = names ?? state.tournament?.name ?? "Live scores";
  write(find("title"), document.title);
  write(find("summary"), single ? words.kickOff(single) : words.summary(matches));
  write(find("viewers"), words.viewersText(state.viewers));
}

export function showConnection(status, nowMs, online) {
  const sentence = words.notice(status, nowMs, online);
  document.body.dataset.phase = words.isStale(status, nowMs) ? "stale" : status.phase;
  write(find("status"), words.statusText(status, nowMs));
  if (write(find("notice-text"), sentence)) say([sentence]);
  find("notice").hidden = !sentence;
  const soon = status.phase === "live" || status.phase === "connecting";
  find("retry").hidden = soon || status.reason === "not_announced";
}

export function say(more) {
  sentences.push(...more.filter(Boolean));
}

/** Put what has gathered into the live region. Call it at a pace that a voice can follow. */
export function speak() {
  if (sentences.length === 0) return;
  const unsaid = sentences.length - SPOKEN_AT_ONCE;
  if (unsaid > 0) sentences.splice(0, unsaid, `${unsaid} more changes.`);
  write(find("voice"), sentences.join(" "));
  sentences = [];
}

function arrangeRows(matches) {
  const order = matches.map((match) => match.match_id + match.state + match.scheduled_at).join();
  if (order === arranged) return;
  arranged = order;
  const parts = arrange(matches, words.dayOf);
  for (const [part, listed] of Object.entries(parts)) {
    place(find(part), listed.map((group) => groupElement(part, group)));
    find(part).closest("[data-part]").hidden = listed.length === 0;
  }
  const later = parts.later.flatMap((group) => group.matches).length;
  write(find("later-title"), `${later} more to come`);
}

function groupElement(part, { day, matches }) {
  const key = `${part} ${day}`;
  if (!groups.has(key)) groups.set(key, copyOf("group"));
  const element = groups.get(key);
  const [heading, list] = element.children;
  write(heading, day);
  heading.hidden = !day;
  place(list, matches.map((match) => rows.get(match.match_id).element));
  return element;
}

function showMatch(match, linkTo) {
  const row = rows.get(match.match_id) ?? newRow(match.match_id, linkTo);
  const known = row.shown;
  if (known === match) return;
  row.shown = match;
  write(row.badge[0], words.badge(match));
  write(row.note[0], words.note(match));
  for (const side of [0, 1]) showSide(row, match, side, known && known.state !== "scheduled");
}

function showSide(row, match, side, wasPlaying) {
  const score = row.score[side];
  if (write(score, words.scoreText(match, side)) && wasPlaying) flash(score);
  write(row.name[side], words.nameOf(match, side));
  write(row.penalties[side], words.penaltiesText(match, side));
  for (const element of [row.name[side], score]) {
    element.classList.toggle("lost", words.hasLost(match, side));
  }
}

function newRow(matchId, linkTo) {
  const element = copyOf("row");
  const row = { element, shown: null };
  for (const name of ["badge", "name", "penalties", "score", "note"]) {
    row[name] = element.getElementsByClassName(name);
  }
  if (linkTo) element.firstElementChild.href = linkTo(matchId);
  element.dataset.match = matchId;
  rows.set(matchId, row);
  return row;
}

function copyOf(template) {
  return find(template).content.firstElementChild.cloneNode(true);
}

/** Whether the text is new; an element that already says it is left alone. */
function write(element, text) {
  if (element.textContent === text) return false;
  element.textContent = text;
  return true;
}

function flash(element) {
  element.classList.remove("changed");
  void element.offsetWidth; // so that a second goal within the first one's flash flashes again
  element.classList.add("changed");
  clearTimeout(element.calm);
  element.calm = setTimeout(() => element.classList.remove("changed"), FLASH_MS);
}

/** Make `children` the parent's children, in this order, moving as few as possible. */
function place(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  for (const [index, child] of children.entries()) {
    const there = parent.children[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  }
}
