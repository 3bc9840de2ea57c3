/** Matches as rows of two lines, each a link, and the lists of rows. */

import { copyOf, find, flash, keepingFocus, place, write } from "./elements.js";
import { arrange } from "./match-groups.js";
import * as labels from "./labels.js";

/** `linkTo(matchId)` is the URL of a match's own page; null for rows without a link. */
export function matchRows(linkTo, badgeOf = labels.badge) {
  const rows = new Map();

  function rowOf(match) {
    const row = rows.get(match.match_id) ?? newRow(match.match_id);
    if (row.shown !== match) {
      write(row.badge[0], badgeOf(match));
      show(row, match);
    }
    return row.element;
  }

  function newRow(matchId) {
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

  return rowOf;
}

function show(row, match) {
  const wasPlaying = row.shown && row.shown.state !== "scheduled";
  row.shown = match;
  row.element.dataset.state = match.state;
  write(row.note[0], labels.note(match));
  for (const side of [0, 1]) showSide(row, match, side, wasPlaying);
}

function showSide(row, match, side, wasPlaying) {
  const score = row.score[side];
  if (write(score, labels.scoreText(match, side)) && wasPlaying) flash(score);
  write(row.name[side], labels.nameOf(match, side));
  write(row.penalties[side], labels.penaltiesText(match, side));
  for (const element of [row.name[side], score]) {
    element.classList.toggle("lost", labels.hasLost(match, side));
  }
}

/** Shows the matches as live, upcoming, later and finished. */
export function matchLists(linkTo) {
  const rowOf = matchRows(linkTo);
  const groups = new Map();
  let arranged = null;

  function showLists(matches) {
    for (const match of matches) rowOf(match);
    const order = matches.map((match) => match.match_id + match.state + match.scheduled_at).join();
    if (order === arranged) return;
    arranged = order;
    keepingFocus(() => placeAll(arrange(matches, labels.dayOf)));
  }

  function placeAll(parts) {
    for (const [part, listed] of Object.entries(parts)) {
      place(find(part), listed.map((group) => groupElement(part, group)));
      find(part).closest("[data-part]").hidden = listed.length === 0;
    }
    const later = parts.later.flatMap((group) => group.matches).length;
    write(find("later-title"), `${later} more to come`);
  }

  function groupElement(part, { day, matches }) {
    const key = `${part} ${day}`;
    if (!groups.has(key)) groups.set(key, copyOf("day"));
    const element = groups.get(key);
    const [heading, list] = element.children;
    write(heading, day);
    heading.hidden = !day;
    place(list, matches.map(rowOf));
    return element;
  }

  return showLists;
}
