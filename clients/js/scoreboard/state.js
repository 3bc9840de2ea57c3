/** What the page knows, and how each frame changes it. Pure: no clock, no network, no document. */

export const EMPTY = Object.freeze({
  tournament: null,
  matches: new Map(),
  viewers: null,
  outdated: false, // read the tournament again: a match without names, or a new bracket
});

/**
 * The state after one frame; the very same object when the frame changes nothing. Besides the
 * server's frames there are two of the page's own: `tournament_loaded` (data: the answer of
 * GET /tournaments/{id}) and `socket_opened`.
 */
export function reduce(state, frame) {
  const step = STEPS.get(frame?.type);
  return step ? step(state, frame.data ?? {}) : state;
}

const outdated = (state) => ({ ...state, outdated: true });
const event = (change) => (state, data) => advance(state, data, change);

const STEPS = new Map([
  ["tournament_loaded", tournamentLoaded],
  ["socket_opened", socketOpened],
  ["connection_established", connectionEstablished],
  ["score_updated", event(scoreUpdated)],
  ["match_started", event((match, data) => ({ ...scores(match, data), state: "live" }))],
  ["match_state_changed", event((_, data) => standing(data.new_state))],
  ["match_completed", event(matchCompleted)],
  ["dispute_created", event(() => ({ disputed: true }))],
  ["viewers", (state, data) => ({ ...state, viewers: data.count ?? state.viewers })],
  ["bracket_generated", outdated],
  ["bracket_updated", outdated],
]);

function tournamentLoaded(state, data) {
  const matches = new Map(state.matches);
  for (const listed of data.matches) {
    const known = matches.get(listed.match_id);
    matches.set(listed.match_id, withListing(known, listed));
  }
  return complete({ ...state, matches, tournament: { name: data.name ?? null } });
}

/** Names and kick-off come from the listing; the score only if the socket is not ahead of it. */
function withListing(known, listed) {
  const { participants, scheduled_at } = listed;
  if (known && known.sequence > listed.sequence) return { ...known, participants, scheduled_at };
  return { ...known, ...listed, ...standing(listed.state) };
}

/** The server may have been restored meanwhile: what it shows first on a new socket rules. */
function socketOpened(state) {
  const unheard = ([id, match]) => [id, { ...match, heard: false }];
  return { ...state, matches: new Map([...state.matches].map(unheard)) };
}

function connectionEstablished(state, { snapshot, viewers }) {
  const matches = new Map(state.matches);
  for (const shown of snapshot?.matches ?? (snapshot?.match_id ? [snapshot] : [])) {
    const known = matches.get(shown.match_id);
    // A frame may overtake the snapshot that was read before it.
    if (known?.heard && known.sequence > shown.sequence) continue;
    const match = { ...known, ...shown, ...standing(shown.state), heard: true };
    matches.set(match.match_id, match);
  }
  return complete({ ...state, matches, viewers: viewers ?? state.viewers });
}

function complete(state) {
  const nameless = [...state.matches.values()].some((match) => !match.participants);
  return { ...state, outdated: nameless };
}

function advance(state, data, change) {
  const known = state.matches.get(data.match_id) ?? { match_id: data.match_id, sequence: -1 };
  if (!data.match_id || !(data.sequence > known.sequence)) return state;
  const match = { ...known, ...change(known, data), sequence: data.sequence, heard: true };
  const matches = new Map(state.matches).set(match.match_id, match);
  return { ...state, matches, outdated: state.outdated || !match.participants };
}

function scoreUpdated(match, data) {
  const state = match.state && match.state !== "scheduled" ? match.state : "live";
  return { ...scores(match, data), details: data.details ?? null, state };
}

function matchCompleted(match, data) {
  const { winner_id = null, details = match.details } = data;
  return { ...scores(match, data), ...standing("completed"), winner_id, details };
}

function standing(state) {
  return { state, disputed: state === "disputed" };
}

function scores(match, data) {
  const score = (side) => ({ [side]: data[side] ?? match[side] ?? 0 });
  return { ...score("participant1_score"), ...score("participant2_score") };
}
