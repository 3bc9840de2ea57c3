/** The tabs of the tournament's page. The chosen one is in the URL, so that a reload keeps it. */

import { find, write } from "./elements.js";
import { number } from "./i18n.js";

let chosen = null;
let inView = null;

/** Shows the chosen panel; without a choice, the first tab with something in it. */
export function attachTabs() {
  for (const tab of tabs()) tab.onclick = () => choose(tab, true);
  find("tabs").onkeydown = move;
  addEventListener("hashchange", () => choose(named(location.hash), false));
  chosen = named(location.hash);
}

/** `counts` is `{live, schedule, …}`: how many matches each panel has; null hides its tab. */
export function showTabs(counts) {
  for (const tab of tabs()) {
    const count = counts[tab.dataset.panel];
    tab.hidden = count === null;
    write(tab.lastElementChild, count ? number(count) : "");
  }
  if (!chosen || chosen.hidden) choose(tabs().find((tab) => counts[tab.dataset.panel]) ?? tabs()[0], false);
  else update();
}

const tabs = () => [...find("tabs").children];
const named = (hash) => tabs().find((tab) => `#${tab.dataset.panel}` === hash) ?? null;

function choose(tab, isByHand) {
  if (!tab) return;
  chosen = tab;
  if (isByHand) history.replaceState(null, "", `${location.search}#${tab.dataset.panel}`);
  update();
}

function update() {
  for (const tab of tabs()) {
    const isChosen = tab === chosen;
    tab.ariaSelected = String(isChosen);
    tab.tabIndex = isChosen ? 0 : -1;
    find(tab.getAttribute("aria-controls")).hidden = !isChosen;
  }
  reveal();
}

/** Once for each choice: afterwards the reader scrolls the tabs. */
function reveal() {
  if (chosen === inView || !chosen.getClientRects().length) return;
  inView = chosen;
  chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Arrow keys move between tabs, as the ARIA pattern asks. */
function move(event) {
  const shown = tabs().filter((tab) => !tab.hidden);
  const towards = document.documentElement.dir === "rtl" ? -1 : 1;
  const steps = new Map([["ArrowRight", towards], ["ArrowLeft", -towards]]);
  const ends = new Map([["Home", shown[0]], ["End", shown.at(-1)]]);
  const step = steps.get(event.key);
  const target = step ? shown.at((shown.indexOf(chosen) + step) % shown.length) : ends.get(event.key);
  if (!target) return;
  event.preventDefault();
  choose(target, true);
  target.focus();
}
