/** The official's controls beside the score: periods, the clock, a shoot-out kick by kick. */

import { currentPlay } from "./command-log.js";
import { onSubmit } from "./dialogs.js";
import { find, write } from "./elements.js";
import { t } from "./i18n.js";
import { clockText, elapsedOn, nameOf, periodName } from "./labels.js";
import { showPeriods } from "./period-table.js";
import { after, nextName, openPeriod, pointsIn, rulesOf } from "./play.js";
import { kicksOf, showKicks } from "./shootout-view.js";

const SIDES = [0, 1];
const MINUTES_MAX = 999;

let act = null;
let shown = null;
let lastKick = null;

/** `report(action, details)` sends what an action makes of the score: see match-controls.js. */
export function createPlayControls(report) {
  act = (action, details = {}) => report(action, details);
  find("end-period").onclick = () => act({ kind: "end_period" });
  find("next-period").onclick = () => act(nextPeriod());
  find("reopen-period").onclick = () => act({ kind: "reopen_period" });
  find("run-clock").onclick = () => act({ kind: "clock", clock: clockNow({ running: !play().clock?.running }) });
  find("set-clock").addEventListener("click", fillClock);
  onSubmit("clock-setting", () => act({ kind: "clock", clock: clockTyped() }));
  onSubmit("clock-removal", () => act({ kind: "clock", clock: null }));
  find("start-shootout").onclick = () => act({ kind: "shootout", shootout: { participant1_score: 0, participant2_score: 0 } });
  onSubmit("shootout-removal", () => act({ kind: "shootout", shootout: null }));
  for (const side of SIDES) {
    find(`scored-${side}`).onclick = () => kick(side, true);
    find(`missed-${side}`).onclick = () => kick(side, false);
  }
  find("take-back").onclick = takeBack;
}

const play = () => currentPlay(shown.log, shown.match);

/** `rows` are those of the match's timeline. */
export function showPlayControls(view, isEnabled, rows) {
  shown = { ...view, isEnabled };
  const rules = rulesOf(view.match);
  showPeriodControls(rules);
  showClockControls(rules);
  showShootoutControls(rules, rows);
}

function showPeriodControls(rules) {
  const possible = (action) => shown.isEnabled && Boolean(after(play(), action, rules));
  const hasPeriods = play().periods.length > 0;
  find("periods-part").hidden = !hasPeriods && !(shown.isEnabled && rules.isTimed && !play().shootout);
  showPeriods(find("periods"), shown.match, play().periods);
  const open = openPeriod(play());
  const isTimed = rules.isTimed && !play().shootout;
  const buttons = [
    ["end-period", rules.isWon ? open && "official.end_period" : null, { kind: "end_period" }, open?.name],
    ["next-period", isTimed ? "official.next_period" : null, nextPeriod(), nextPeriodName(rules)],
    ["reopen-period", hasPeriods ? "official.reopen_period" : null, { kind: "reopen_period" }, reopenedName()],
  ];
  for (const [id, key, action, name] of buttons) {
    find(id).hidden = !shown.isEnabled || !key || (id === "reopen-period" && !possible(action));
    find(id).disabled = !possible(action) || shown.isFull;
    if (key) write(find(id), t(key, { period: periodName(name, shown.match.scoring) }));
  }
}

/** What has been played without a name is the first period. */
function nextPeriodName({ isTimed }) {
  const { periods, clock } = play();
  return isTimed && periods.length === 0 ? nextName({ periods: [{ name: nextName({ periods, clock: null }) }] }) : nextName({ periods, clock });
}

const reopenedName = () => play().periods.findLast(({ final }) => final)?.name ?? "";
const nextPeriod = () => ({ kind: "next_period", clock: play().clock && clockNow({ running: false }) });

function showClockControls({ isTimed }) {
  const { clock, shootout } = play();
  find("clock-part").hidden = !shown.isEnabled || !isTimed || Boolean(shootout);
  write(find("run-clock"), t(clock?.running ? "official.stop_clock" : "official.start_clock"));
  find("run-clock").classList.toggle("main", !clock?.running);
  find("run-clock").disabled = shown.isFull;
  find("remove-clock").hidden = !clock;
  write(find("clock-period"), clock ? periodName(clock.period, shown.match.scoring) : "");
  showClock();
}

/** To be called often: the clock ticks here. */
export function showClock() {
  if (!shown) return;
  const elapsedMs = elapsedOn(play().clock, shown.serverMs());
  write(find("clock"), elapsedMs === null ? "––:––" : clockText(elapsedMs));
}

/** The clock as it is now, right at this moment of the server's time: it may be sent later. */
function clockNow(more) {
  const { clock } = play();
  const at = Math.floor(shown.serverMs());
  const period = clock?.period ?? openPeriod(play())?.name ?? null;
  return { period, elapsed_ms: Math.floor(elapsedOn(clock, at) ?? 0), at, ...more };
}

function fillClock() {
  const seconds = Math.floor(clockNow().elapsed_ms / 1000);
  find("clock-minutes").value = Math.floor(seconds / 60);
  find("clock-seconds").value = seconds % 60;
  find("clock-name").value = clockNow().period ?? "";
}

function clockTyped() {
  const [minutes, seconds] = ["minutes", "seconds"].map((part) => Number(find(`clock-${part}`).value));
  const elapsed_ms = (Math.min(minutes, MINUTES_MAX) * 60 + Math.min(seconds, 59)) * 1000;
  return clockNow({ running: play().clock?.running ?? false, elapsed_ms, period: find("clock-name").value.trim() || null });
}

function showShootoutControls({ hasShootout }, rows) {
  const { shootout } = play();
  find("shootout-part").hidden = !shown.isEnabled || !(hasShootout || shootout);
  find("start-shootout").hidden = Boolean(shootout);
  find("kick-part").hidden = !shootout;
  // of the published score, as the timeline is: a kick that is being saved has no dot yet
  const { match } = shown;
  const kicks = match.shootout ? kicksOf(rows, match) : [[], []];
  showKicks(SIDES.map((side) => find(`kicks-${side}`)), { ...match, shootout }, kicks);
  for (const side of SIDES) {
    const team = nameOf(match, side);
    write(find(`kicker-${side}`), team);
    write(find(`shots-${side}`), shootout ? String(pointsIn(shootout)[side]) : "");
    for (const kind of ["scored", "missed"]) {
      find(`${kind}-${side}`).ariaLabel = t(`official.kick_${kind}`, { team });
      find(`${kind}-${side}`).disabled = shown.isFull;
    }
  }
  lastKick = kicks.flat().reduce((a, b) => (b.revision > (a?.revision ?? 0) ? b : a), null);
  find("take-back").hidden = !shootout || !lastKick || shown.log.some(isLaterKick);
}

/** One that the timeline does not have yet: taking back the one before it would be a mistake. */
function isLaterKick({ matchId, action, status, known }) {
  const isKick = matchId === shown.match.match_id && action?.kind === "kick";
  return isKick && (status === "sending" || known?.revision > Math.max(lastKick.revision, shown.match.revision));
}

function kick(side, scored) {
  const details = { kick: scored ? "scored" : "missed", team: shown.match.participants[side].id };
  act({ kind: "kick", side, scored }, details);
}

function takeBack() {
  const { side, isScored, revision } = lastKick;
  act({ kind: "kick", side, scored: isScored, by: -1, corrects: revision });
}
