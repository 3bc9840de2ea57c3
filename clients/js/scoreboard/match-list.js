/** Matches as rows or cards, each a link, and the lists of them. */

import { copyOf, find, flash, keepingFocus, place, write } from "./elements.js";
import { t } from "./i18n.js";
import * as labels from "./labels.js";
import { assignSlots } from "./live-slots.js";
import { arrange } from "./match-groups.js";
import { colours, initials } from "./teams.js";

const PARTS = ["badge", "crest", "name", "penalties", "score", "note"];
const DAY_PARTS = ["upcoming", "later", "finished", "earlier"];

/** `linkTo(matchId)` is the URL of a match's own page; null for rows without a link. */
export function matchRows(linkTo, badgeOf = labels.badge) {
  const rows = new Map();

  /** The match's row, which shows the match as it is now. */
  return function rowOf(match) {
    const row = rows.get(match.match_id) ?? newRow(match.match_id);
    write(row.badge[0], badgeOf(match));
    if (row.shown !== match) showMatch(row, match);
    return row.element;
  };

  function newRow(matchId) {
    const row = rowIn(copyOf("row"));
    const link = row.element.firstElementChild;
    if (linkTo) link.href = linkTo(matchId);
    row.element.dataset.match = matchId;
    rows.set(matchId, row);
    return row;
  }
}

/** An element that shows one match, with its parts. */
export function rowIn(element) {
  const row = { element, shown: null };
  for (const name of PARTS) row[name] = element.getElementsByClassName(name);
  return row;
}

export function showMatch(row, match) {
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
  if (row.crest[side]) showCrest(row.crest[side], match, side);
  for (const element of [row.name[side], score]) {
    element.classList.toggle("lost", labels.hasLost(match, side));
  }
}

function showCrest(element, match, side) {
  const participant = match.participants?.[side];
  const isKnown = Boolean(participant?.id) && !participant.open;
  const { background, text } = colours(participant);
  write(element, isKnown ? initials(labels.nameOf(match, side)) : "?");
  element.classList.toggle("unknown", !isKnown);
  element.style.setProperty("--crest", background);
  element.style.setProperty("--crest-text", text);
}

/** Shows the live matches as cards in lasting places, all others as rows by day. */
export function matchLists(linkTo, { serverTimeMs = () => null, isFavourite = () => false } = {}) {
  const cardOf = matchRows(linkTo, (match) => labels.badge(match, serverTimeMs()));
  const rowOf = matchRows(linkTo, (match) => (isFavourite(match) ? labels.datedBadge : labels.badge)(match));
  const groups = new Map();
  let slots = [];
  let arranged = null;

  return function showLists(matches) {
    const byId = new Map(matches.map((match) => [match.match_id, match]));
    for (const match of matches) rowOf(match);
    for (const id of slots) if (byId.has(id)) cardOf(byId.get(id));
    const order = matches.map((match) => match.match_id + match.state + match.scheduled_at).join();
    if (order !== arranged) keepingFocus(() => placeAll(arrange(matches, labels.dayOf, isFavourite), byId));
    arranged = order;
  };

  function placeAll(parts, byId) {
    slots = assignSlots(slots, parts.live.map((match) => match.match_id));
    place(find("live"), slots.map((id) => byId.get(id)).filter(Boolean).map(cardOf));
    for (const part of DAY_PARTS) placeDays(part, parts[part]);
    for (const part of ["later", "earlier"]) {
      const count = parts[part].flatMap(({ matches }) => matches).length;
      write(find(`${part}-title`), t(part, { count }));
    }
  }

  function placeDays(part, listed) {
    place(find(part), listed.map((group) => groupElement(part, group)));
    const section = find(part).closest("[data-part]");
    if (section) section.hidden = listed.length === 0;
  }

  function groupElement(part, { day, matches }) {
    const key = `${part} ${day}`;
    if (!groups.has(key)) groups.set(key, copyOf("day"));
    const element = groups.get(key);
    const [heading, list] = element.children;
    const name = day ?? t("favourites");
    write(heading, name);
    heading.hidden = !name;
    place(list, matches.map(rowOf));
    return element;
  }
}
