/** One match: its two teams, the score between them, and its timeline. */

import { find, write } from "./elements.js";
import { badge, kickOff } from "./labels.js";
import { rowIn, showMatch } from "./match-list.js";
import { showTimeline } from "./timeline-view.js";

let hero = null;

export function showMatchView(match, messages, serverMs) {
  hero ??= rowIn(find("hero"));
  hero.element.classList.remove("loading");
  write(hero.badge[0], badge(match, serverMs));
  write(find("kick-off"), kickOff(match));
  if (hero.shown !== match) showMatch(hero, match);
  showTimeline(messages, match);
}
