/** The group tables and the bracket. */

import { bracket } from "./bracket.js";
import { copyOf, find, keepingFocus, place, write } from "./elements.js";
import { matchRows } from "./match-list.js";
import { difference, standings } from "./standings.js";
import { datedBadge } from "./labels.js";

const COLUMNS = ["played", "won", "drawn", "lost"];

/** Shows `matches` (by id) as tables and bracket if there is a structure. */
export function tournamentView(linkTo) {
  const rowOf = matchRows(linkTo, datedBadge);
  const elements = new Map();

  return (structure, matches) => {
    const groups = structure?.groups ?? [];
    const rounds = structure ? bracket(structure, matches) : [];
    find("groups-part").hidden = groups.length === 0;
    find("bracket-part").hidden = rounds.length === 0;
    place(find("groups"), groups.map((group) => groupTable(group, matches)));
    keepingFocus(() => place(find("bracket"), columnsOf(rounds)));
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
      ...COLUMNS.map((column) => row[column]),
      `${row.scored}:${row.conceded}`,
      apart > 0 ? `+${apart}` : String(apart).replace("-", "−"),
      row.points,
    ];
    for (const [index, text] of texts.entries()) write(element.cells[index], String(text));
    return element;
  }

  /** A column for each round; the match for third place is below the final. */
  function columnsOf(rounds) {
    const main = rounds.filter((round) => !round.aside);
    const columns = main.map(({ name }) => elementOf("column", `column ${name}`));
    for (const [index, round] of main.entries()) {
      const last = index === main.length - 1;
      const aside = last ? rounds.filter((other) => other.aside) : [];
      place(columns[index], [round, ...aside].map(roundElement));
    }
    return columns;
  }

  function roundElement({ name, matches }) {
    const element = elementOf("day", `round ${name}`);
    write(element.children[0], name);
    place(element.children[1], matches.map(rowOf));
    return element;
  }

  function elementOf(template, key) {
    if (!elements.has(key)) elements.set(key, copyOf(template));
    return elements.get(key);
  }
}
