/** The order of the matches on the page. Pure. */

const NEXT_MATCHES_MIN = 8;

/**
 * The matches by section: live, next (whole days, at least eight matches), later, and finished,
 * newest first. Each section is a list of groups `{day, matches}`; `dayOf` names a kick-off's day.
 */
export function arrange(matches, dayOf) {
  const parts = { live: [], upcoming: [], finished: [] };
  const named = matches.filter((match) => match.participants).sort(byKickOff);
  for (const match of named) parts[partOf(match.state)].push(match);
  const days = byDay(parts.upcoming, dayOf);
  const near = countOfNextDays(days);
  return {
    live: byDay(parts.live, () => ""),
    upcoming: days.slice(0, near),
    later: days.slice(near),
    finished: byDay(parts.finished.reverse(), dayOf),
  };
}

function partOf(state) {
  if (state === "scheduled") return "upcoming";
  return state === "completed" || state === "cancelled" ? "finished" : "live";
}

function byKickOff(a, b) {
  const apart = Date.parse(a.scheduled_at) - Date.parse(b.scheduled_at);
  return apart || (a.match_id < b.match_id ? -1 : 1);
}

function byDay(matches, dayOf) {
  const groups = new Map();
  for (const match of matches) {
    const day = dayOf(match.scheduled_at);
    if (!groups.has(day)) groups.set(day, { day, matches: [] });
    groups.get(day).matches.push(match);
  }
  return [...groups.values()];
}

function countOfNextDays(days) {
  let shown = 0;
  const enough = days.findIndex((day) => (shown += day.matches.length) >= NEXT_MATCHES_MIN);
  return enough < 0 ? days.length : enough + 1;
}
