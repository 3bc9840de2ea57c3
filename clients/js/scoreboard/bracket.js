/** The knockout rounds as they are drawn: teams that may meet next are adjacent. Pure. */

/**
 * `[{name, matches, aside}]`, the first round first; `matches` by id. Unknown matches are left out.
 * A round is `aside` if its participants have lost before, as in a match for third place.
 */
export function bracket(structure, matches) {
  const place = placesFromTheEnd(structure.rounds);
  return structure.rounds
    .map(({ name, matches: listed }) => ({
      name,
      matches: inPlace(listed, place, matches),
      aside: listed.every(({ slots }) => slots?.some((slot) => slot?.loser_of)),
    }))
    .filter((round) => round.matches.length > 0);
}

function inPlace(listed, place, matches) {
  const ids = listed.map((one) => one.match_id).filter((id) => matches.get(id)?.participants);
  return ids.sort((a, b) => place.get(a) - place.get(b)).map((id) => matches.get(id));
}

/** Number the matches in the order of a walk through the tree from its last match. */
function placesFromTheEnd(rounds) {
  const feeders = new Map();
  for (const { matches } of rounds) {
    for (const { match_id, slots } of matches) {
      const named = (slots ?? []).map((slot) => slot?.winner_of ?? slot?.loser_of);
      feeders.set(match_id, named.filter(Boolean));
    }
  }
  const place = new Map();
  const walk = (id) => {
    if (place.has(id)) return;
    place.set(id, place.size);
    for (const feeder of feeders.get(id) ?? []) walk(feeder);
  };
  for (const id of [...feeders.keys()].reverse()) walk(id);
  return place;
}
