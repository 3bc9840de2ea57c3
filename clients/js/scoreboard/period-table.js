/** A match's periods as a table: its sets, maps or halves, side by side. */

import { place, write } from "./elements.js";
import { number, t } from "./i18n.js";
import { nameOf, periodName, scoresText } from "./labels.js";
import { countsWon, pointsIn } from "./play.js";

/** Shows them in the table; hides it while there are none. */
export function showPeriods(table, match, periods = listOf(match)) {
  table.hidden = periods.length === 0;
  if (table.hidden) return;
  const unit = countsWon(match.scoring) ? match.scoring.unit : "other";
  const heads = periods.map(({ name }) => (/^\d+$/.test(name) ? number(Number(name)) : periodName(name, match.scoring)));
  fill(table.tHead.rows[0], [t(`periods.${unit}`), ...heads]);
  for (const side of [0, 1]) {
    const row = table.tBodies[0].rows[side];
    fill(row, [nameOf(match, side), ...periods.map((period) => scoresText([pointsIn(period)[side]], match.scoring))]);
    for (const [index, period] of periods.entries()) mark(row.cells[index + 1], period, side);
  }
}

const listOf = ({ periods }) => (Array.isArray(periods) ? periods.filter((period) => pointsIn(period).every(Number.isSafeInteger)) : []);

/** Keeps the first cell, which heads the row, and its kind for all that follow. */
function fill(row, texts) {
  const cells = [...row.cells].slice(0, texts.length);
  while (cells.length < texts.length) cells.push(newCell(row.parentElement.localName));
  place(row, cells);
  for (const [index, text] of texts.entries()) write(cells[index], text);
}

function newCell(part) {
  const cell = document.createElement(part === "thead" ? "th" : "td");
  if (part === "thead") cell.scope = "col";
  return cell;
}

function mark(cell, period, side) {
  const points = pointsIn(period);
  cell.classList.toggle("won", period.final === true && points[side] > points[1 - side]);
  cell.classList.toggle("now", period.final !== true);
}
