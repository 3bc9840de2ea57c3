/** The group tables and the bracket. */

import { difference, standings } from "./client/standings.js";
import { brackets } from "./bracket.js";
import { copyOf, find, keepingFocus, place, write } from "./elements.js";
import { number, t } from "./i18n.js";
import { datedBadge } from "./labels.js";
import { matchRows } from "./match-list.js";

const COLUMNS = ["played", "won", "drawn", "lost"];

/** Shows `matches` (by id) as tables and bracket if there is a structure; `fits` filters the tables. */
export function tournamentView(linkTo) {
  const rowOf = matchRows(linkTo, datedBadge);
  const elements = new Map();

  /** Returns how many groups and knockout matches there are; null where there are none. */
  return function showTournament(structure, matches, fits) {
    const isShown = (group) => group.matches.some((id) => matches.get(id)?.participants && fits(matches.get(id)));
    const groups = structure?.groups ?? [];
    const tables = groups.filter(isShown).map((group) => groupTable(group, matches));
    const drawn = structure ? brackets(structure, matches) : [];
    place(find("groups"), tables);
    keepingFocus(() => place(find("bracket"), drawn.map((one) => bracketElement(one, drawn))));
    return { groups: groups.length ? tables.length : null, bracket: drawn.length ? 0 : null };
  };

  function groupTable({ name, matches: ids }, matches) {
    const table = elementOf("table", name);
    write(table.caption, name);
    const known = ids.map((id) => matches.get(id)).filter((match) => match?.participants);
    place(table.tBodies[0], standings(known).map((row) => standingRow(name, row)));
    return table;
  }

  function standingRow(group, row) {
    const element = elementOf("standing", `${group} ${row.id}`);
    const apart = difference(row);
    const texts = [
      row.name,
      ...COLUMNS.map((column) => number(row[column])),
      `${row.scored}:${row.conceded}`,
      apart > 0 ? `+${apart}` : String(apart).replace("-", "−"),
      number(row.points),
    ];
    for (const [index, text] of texts.entries()) write(element.cells[index], text);
    return element;
  }

  /** A column for each round; the names of brackets are shown only where there are several. */
  function bracketElement({ kind, rounds }, drawn) {
    const element = elementOf("tree", kind);
    const [heading, columns] = element.children;
    const isOnly = !drawn.some((other) => other.kind === "lower");
    write(heading, kind === "third" ? rounds[0].name : t(`bracket.${kind}`));
    heading.hidden = isOnly && kind !== "third";
    element.dataset.kind = kind;
    place(columns, rounds.map((round, index) => roundElement(kind, round, rounds[index + 1])));
    return element;
  }

  /** Two matches lead to one of the next round, or each to one of its own. */
  function roundElement(kind, { name, matches }, next) {
    const element = elementOf("round", `${kind} ${name}`);
    const [heading, list] = element.children;
    write(heading, name);
    heading.hidden = kind === "third";
    element.dataset.joins = next?.matches.length === matches.length ? "straight" : "pairs";
    place(list, matches.map(rowOf));
    return element;
  }

  function elementOf(template, key) {
    const name = `${template} ${key}`;
    if (!elements.has(name)) elements.set(name, copyOf(template));
    return elements.get(name);
  }
}
