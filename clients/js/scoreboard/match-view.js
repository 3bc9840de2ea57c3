/** One match: its two teams, the score between them, its periods or shoot-out, and its timeline. */

import { find, write } from "./elements.js";
import { t } from "./i18n.js";
import { badge, clockText, elapsedOn, kickOff, noteOnly, periodName } from "./labels.js";
import { rowIn, showMatch } from "./match-list.js";
import { showPeriods } from "./period-table.js";
import { pointsIn } from "./play.js";
import { kicksOf, showKicks } from "./shootout-view.js";
import { showTimeline } from "./timeline-view.js";

let hero = null;

export function showMatchView(match, messages, serverMs) {
  hero ??= rowIn(find("hero"));
  hero.element.classList.remove("loading");
  showMatchClock(match, serverMs);
  write(find("kick-off"), kickOff(match));
  if (hero.shown !== match) showMatch(hero, match);
  write(hero.note[0], noteOnly(match));
  const rows = showTimeline(messages, match);
  showPeriods(find("periods"), match);
  find("shootout").hidden = !match.shootout;
  write(find("shots"), match.shootout ? t("shootout.score", { score: pointsIn(match.shootout).join("–") }) : "");
  showKicks([find("kicks-0"), find("kicks-1")], match, kicksOf(rows, match));
}

/** To be called often: the clock ticks here. */
export function showMatchClock(match, serverMs) {
  if (hero) write(hero.badge[0], badgeOf(match, serverMs));
}

/** The clock to the second, where a match in play has one. */
function badgeOf(match, serverMs) {
  const elapsedMs = match.state === "live" && serverMs !== null ? elapsedOn(match.clock, serverMs) : null;
  if (elapsedMs === null) return badge(match, serverMs);
  return [periodName(match.clock.period, match.scoring), clockText(elapsedMs)].filter(Boolean).join(" · ");
}
