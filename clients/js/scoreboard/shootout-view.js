/** A shoot-out while it happens: a dot for each kick, filled if it was scored. */

import { place, write } from "./elements.js";
import { t } from "./i18n.js";
import { nameOf } from "./labels.js";
import { pointsIn } from "./play.js";

/** The kicks of both sides, from the rows of a timeline; empty if they are not all known. */
export function kicksOf(rows, { shootout }) {
  const kicks = [0, 1].map((side) => rows.filter((row) => row.kind === "kick" && row.side === side));
  const isWhole = kicks.every((taken, side) => taken.filter(({ isScored }) => isScored).length === pointsIn(shootout)[side]);
  return isWhole ? kicks : [[], []];
}

/** In `parts`, the two sides' lists of dots; without dots a screen reader still hears the score. */
export function showKicks(parts, match, kicks) {
  if (!match.shootout) return;
  for (const [side, part] of parts.entries()) {
    const words = kicks[side].map(({ isScored }) => t(isScored ? "event.kick_scored" : "event.kick_missed"));
    part.ariaLabel = t("shootout.kicks", { team: nameOf(match, side), kicks: words.join(", ") || pointsIn(match.shootout)[side] });
    place(part, kicks[side].map((kick, index) => dot(part.children[index], kick)));
  }
}

function dot(known, { isScored }) {
  const element = known ?? document.createElement("i");
  element.className = isScored ? "scored" : "missed";
  write(element, isScored ? "✓" : "✕");
  return element;
}
