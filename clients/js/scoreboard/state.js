/** What the page knows, and how each frame changes it. Pure: no clock, no network, no document. */

import { structureIn } from "./structure.js";
import { remember } from "./timeline.js";

export const EMPTY = Object.freeze({
  tournament: null,
  structure: null,
  matches: new Map(),
  histories: new Map(), // by match: what its timeline is made of
  viewers: null,
  outdated: false, // read the tournament again: a match without names, or a new bracket
});

/**
 * The state after one frame; the very same object when the frame changes nothing. Besides the
 * server's events there are those of the client (`snapshot`) and of the page: `tournament_loaded`
 * (data: the answer of GET /tournaments/{id}), `structure_loaded`, `history_loaded` (a match's
 * events since its first) and `socket_opened`.
 */
export function reduce(state, frame) {
  const step = STEPS.get(frame?.type);
  return step ? step(state, frame.data ?? {}, frame.type) : state;
}

const event = (change) => (state, data, type) => advance(state, { type, data }, change);

const STEPS = new Map([
  ["tournament_loaded", tournamentLoaded],
  ["structure_loaded", structureLoaded],
  ["history_loaded", historyLoaded],
  ["socket_opened", socketOpened],
  ["snapshot", snapshotTold],
  ["score_updated", event(scoreUpdated)],
  ["match_started", event((match, data) => ({ ...scores(match, data), state: "live" }))],
  ["match_state_changed", event(stateChanged)],
  ["match_completed", event(matchCompleted)],
  ["dispute_created", event(() => ({ state: "disputed" }))],
  ["viewers", (state, data) => ({ ...state, viewers: data.count ?? state.viewers })],
  ["bracket_generated", bracketTold],
  ["bracket_updated", bracketTold],
]);

function tournamentLoaded(state, data) {
  const matches = new Map(state.matches);
  for (const listed of data.matches) {
    matches.set(listed.match_id, withListing(matches.get(listed.match_id), listed));
  }
  const { name = null, organizers = [] } = data;
  return complete({ ...state, matches, tournament: { name, organizers } });
}

/** Names and kick-off come from the listing; the score only if the socket is not ahead of it. */
function withListing(known, listed) {
  const { participants, scheduled_at } = listed;
  if (known && known.sequence > listed.sequence) return { ...known, participants, scheduled_at };
  return { ...known, ...listed };
}

function structureLoaded(state, data) {
  return { ...state, structure: structureIn(data) ?? state.structure };
}

/** A bracket event may bring the structure; the names that it fills in are the HTTP API's. */
function bracketTold(state, data) {
  return { ...structureLoaded(state, data), outdated: true };
}

function historyLoaded(state, { match_id, events }) {
  const known = state.histories.get(match_id);
  const history = remember(known, events);
  if (history === known) return state;
  return { ...state, histories: new Map(state.histories).set(match_id, history) };
}

/** The server may have been restored meanwhile: what it shows first on a new socket rules. */
function socketOpened(state) {
  const unheard = ([id, match]) => [id, { ...match, heard: false }];
  return { ...state, matches: new Map([...state.matches].map(unheard)) };
}

function snapshotTold(state, { snapshot, viewers }) {
  const matches = new Map(state.matches);
  const histories = new Map(state.histories);
  for (const shown of snapshot?.matches ?? (snapshot?.match_id ? [snapshot] : [])) {
    const known = matches.get(shown.match_id);
    // A frame may overtake the snapshot that was read before it.
    if (known?.heard && known.sequence > shown.sequence) continue;
    matches.set(shown.match_id, { ...known, ...shown, details: detailsOf(known, shown), heard: true });
    const told = { type: "snapshot", data: shown };
    histories.set(shown.match_id, remember(histories.get(shown.match_id), [told]));
  }
  return complete({ ...state, matches, histories, viewers: viewers ?? state.viewers });
}

/** A large tournament's snapshot has no details: those known belong to the number they came with. */
function detailsOf(known, shown) {
  if (shown.details !== undefined) return shown.details;
  return known?.sequence === shown.sequence ? known.details : null;
}

function complete(state) {
  const nameless = [...state.matches.values()].some((match) => !match.participants);
  return { ...state, outdated: nameless };
}

function advance(state, frame, change) {
  const { data } = frame;
  if (!data.match_id || !Number.isFinite(data.sequence)) return state;
  const known = state.matches.get(data.match_id) ?? { match_id: data.match_id, sequence: -1 };
  const after = historyLoaded(state, { match_id: data.match_id, events: [frame] });
  // The listing may be ahead of the socket: what has happened belongs to the timeline all the same.
  if (data.sequence <= known.sequence) return after;
  const match = { ...known, ...change(known, data), sequence: data.sequence, heard: true };
  const matches = new Map(state.matches).set(match.match_id, match);
  return { ...after, matches, outdated: state.outdated || !match.participants };
}

/** What cancels a match brings the score that it stays at. */
function stateChanged(match, data) {
  const { details = match.details } = data;
  return { ...scores(match, data), details, state: data.new_state };
}

function scoreUpdated(match, data) {
  const state = match.state && match.state !== "scheduled" ? match.state : "live";
  const { details = null, revision = match.revision } = data;
  return { ...scores(match, data), details, revision, state };
}

function matchCompleted(match, data) {
  const { winner_id = null, details = match.details } = data;
  return { ...scores(match, data), state: "completed", winner_id, details };
}

function scores(match, data) {
  const score = (side) => ({ [side]: data[side] ?? match[side] ?? 0 });
  return { ...score("participant1_score"), ...score("participant2_score") };
}
