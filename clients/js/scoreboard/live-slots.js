/** Which live match is shown in which place, so that no card moves while people look at it. Pure. */

/**
 * The places after a change, as ids: a match that has ended keeps its place until another match
 * begins and takes it, the one that ended first. `slots` are the places before.
 */
export function assignSlots(slots, liveIds) {
  const isLive = (id) => liveIds.includes(id);
  const kept = [...slots];
  for (const id of liveIds.filter((each) => !slots.includes(each))) {
    const free = kept.findIndex((each) => !isLive(each));
    if (free < 0) kept.push(id);
    else kept[free] = id;
  }
  return kept;
}
