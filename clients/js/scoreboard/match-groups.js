/** The order of the matches on the page. Pure. */

const NEXT_MATCHES_MIN = 12;
const LATEST_RESULTS_MIN = 12;

/**
 * The matches by section: live, upcoming and later, finished and earlier (newest first); the first
 * of each two have whole days, with at least twelve matches. Each section is a list of groups
 * `{day, matches}`; `dayOf` names a kick-off's day. Favourites come first: among the live ones, and in
 * a group of their own, whose day is null, before all days.
 */
export function arrange(matches, dayOf, isFavourite = () => false) {
  const parts = { live: [], upcoming: [], finished: [] };
  const named = matches.filter((match) => match.participants).sort(byKickOff);
  for (const match of named) parts[partOf(match.state)].push(match);
  const groupOf = (match) => (isFavourite(match) ? null : dayOf(match.scheduled_at));
  const upcoming = grouped(parts.upcoming, groupOf);
  const finished = grouped(parts.finished.reverse(), groupOf);
  const near = daysWith(NEXT_MATCHES_MIN, upcoming);
  const latest = daysWith(LATEST_RESULTS_MIN, finished);
  return {
    live: favouritesFirst(parts.live, isFavourite),
    upcoming: upcoming.slice(0, near),
    later: upcoming.slice(near),
    finished: finished.slice(0, latest),
    earlier: finished.slice(latest),
  };
}

function partOf(state) {
  if (state === "scheduled" || state === "postponed") return "upcoming";
  return state === "completed" || state === "cancelled" ? "finished" : "live";
}

/** A match without a kick-off comes last. */
function byKickOff(a, b) {
  const [first, second] = [a, b].map(({ scheduled_at }) => Date.parse(scheduled_at) || Infinity);
  return first === second ? (a.match_id < b.match_id ? -1 : 1) : first - second;
}

function favouritesFirst(matches, isFavourite) {
  return [...matches.filter(isFavourite), ...matches.filter((match) => !isFavourite(match))];
}

function grouped(matches, groupOf) {
  const groups = new Map([[null, { day: null, matches: [] }]]);
  for (const match of matches) {
    const day = groupOf(match);
    if (!groups.has(day)) groups.set(day, { day, matches: [] });
    groups.get(day).matches.push(match);
  }
  return [...groups.values()].filter((group) => group.matches.length > 0);
}

function daysWith(matchesMin, days) {
  let count = 0;
  const enough = days.findIndex((day) => (count += day.matches.length) >= matchesMin);
  return enough < 0 ? days.length : enough + 1;
}
