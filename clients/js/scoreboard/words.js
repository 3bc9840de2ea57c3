/** Every sentence of the page. Pure. */

const count = new Intl.NumberFormat("en-GB");

const REASONS = {
  bad_request: "The server did not understand this page. Please reload it.",
  authentication_required: "This page needs a valid access token. Please ask for a new link.",
  token_expired: "Your access has expired. Please ask for a new link.",
  forbidden: "You do not have access to these scores.",
  invalid_origin: "This website is not allowed to show these scores.",
  disconnected_by_server: "The organisers have ended this connection.",
  not_found: "These scores do not exist. Please check the link.",
  not_announced: "Not announced yet. The scores will appear here as soon as they are.",
  room_full: "Every place is taken just now. You will be let in when one is free.",
  connection_limit_exceeded: "You have too many pages open. Close one to watch here.",
  slow_consumer: "Your connection is too slow to keep up.",
  server_drain: "The server is being renewed. Back in a moment.",
};

/** Whether so long has nothing been heard that the scores may be wrong. */
export function isStale({ heardAtMs, staleAfterMs }, nowMs) {
  return heardAtMs !== null && nowMs - heardAtMs >= staleAfterMs;
}

export function statusText(status, nowMs) {
  const { phase, reason, retryAtMs, heardAtMs } = status;
  if (phase === "live") return isStale(status, nowMs) ? "No signal" : "Live";
  if (phase === "closed") return "Closed";
  if (reason === "not_announced") return "Waiting";
  if (phase !== "waiting") return heardAtMs ? "Reconnecting…" : "Connecting…";
  const seconds = Math.max(1, Math.ceil((retryAtMs - nowMs) / 1000));
  return `${heardAtMs ? "Reconnecting" : "Trying again"} in ${seconds} s`;
}

/** What a spectator should know about the connection just now; empty when all is well. */
export function notice(status, nowMs, online) {
  const { phase, reason, heardAtMs } = status;
  if (Object.hasOwn(REASONS, reason ?? "")) return REASONS[reason];
  if (phase === "closed") return "The server has ended this connection.";
  if (!online) return "You are offline. The scores will catch up when you are back.";
  if (isStale(status, nowMs)) {
    return `Nothing heard since ${clock(heardAtMs)}. These scores may be out of date.`;
  }
  return phase === "waiting" && !heardAtMs ? "The server cannot be reached." : "";
}

export function viewersText(viewers) {
  return viewers === null ? "" : `${count.format(viewers)} watching`;
}

export function summary(matches) {
  const all = matches.filter((match) => match.participants).length;
  const played = matches.filter((match) => match.state === "completed").length;
  if (all === 0) return "The matches will appear here as soon as they are announced.";
  return played === all ? "All matches played" : `${played} of ${all} matches played`;
}

export function clock(time) {
  return format(time, { hour: "2-digit", minute: "2-digit" });
}

export function kickOff({ scheduled_at }) {
  return `${dayOf(scheduled_at)}, ${clock(scheduled_at)}`;
}

export function dayOf(time) {
  return format(time, { weekday: "long", day: "numeric", month: "long" });
}

function format(time, options) {
  const date = new Date(time);
  return Number.isNaN(+date) ? "" : new Intl.DateTimeFormat("en-GB", options).format(date);
}

/** The short word beside a match: when it begins, that it is on, or how it ended. */
export function badge(match) {
  if (match.state === "scheduled") return clock(match.scheduled_at);
  if (match.state === "cancelled") return "Off";
  if (match.state === "completed") return ending(match.details ?? {});
  if (match.disputed) return "Dispute";
  return match.state === "paused" ? "Paused" : "Live";
}

function ending({ extra_time, penalties }) {
  if (pair(penalties)) return "Pens";
  return pair(extra_time) ? "AET" : "FT";
}

/** The line under a match: its latest goal, or how it was decided. */
export function note({ state, details }) {
  if (state === "scheduled") return "";
  return state === "completed" ? resultText(details ?? {}) : goalText(details ?? {});
}

function goalText({ minute, scorer, kind }) {
  const manner = KINDS[String(kind).replace(/[^a-z]/g, "")];
  return [minute == null ? "" : `${minute}′`, scorer, manner].filter(Boolean).join(" ");
}

const KINDS = { penalty: "(pen.)", owngoal: "(own goal)" };

function resultText({ full_time, extra_time, penalties }) {
  if (ending({ extra_time, penalties }) === "FT") return "";
  const parts = [
    [full_time, "at full time"],
    [pair(penalties) ? null : extra_time, "after extra time"],
    [penalties, "on penalties"],
  ];
  const known = parts.filter(([score]) => pair(score));
  return known.map(([score, when]) => `${score.join("–")} ${when}`).join(", ");
}

export function scoreText(match, side) {
  const begun = match.state !== "scheduled" && match.state !== "cancelled";
  return begun ? String([match.participant1_score, match.participant2_score][side]) : "";
}

export function penaltiesText({ state, details }, side) {
  const shots = state === "completed" && pair(details?.penalties);
  return shots ? `(${shots[side]})` : "";
}

export function hasLost({ state, winner_id, participants }, side) {
  return state === "completed" && Boolean(winner_id) && participants[side]?.id !== winner_id;
}

/** Two whole numbers, or null for anything else that an official may have sent. */
function pair(score) {
  return Array.isArray(score) && score.length === 2 && score.every(Number.isInteger) ? score : null;
}

export function nameOf({ participants }, index) {
  return participants[index]?.name || participants[index]?.id || "To be decided";
}

/** What to say aloud about the step from one state to the next: a list of sentences. */
export function spoken(before, after) {
  const steps = [...after.matches.values()].map((match) => [before.matches.get(match.match_id), match]);
  const seen = steps.filter(([known, match]) => known?.participants && match.participants);
  return seen.map(([known, match]) => spokenOf(known, match)).filter(Boolean);
}

function spokenOf(known, match) {
  const { participant1_score: one, participant2_score: two } = match;
  const score = `${nameOf(match, 0)} ${one}, ${nameOf(match, 1)} ${two}`;
  if (match.state !== known.state) return `${SPOKEN[match.state] ?? match.state}: ${score}.`;
  const scored = one !== known.participant1_score || two !== known.participant2_score;
  return scored && `${[score, note(match)].filter(Boolean).join(", ")}.`;
}

const SPOKEN = { live: "Playing", completed: "Final result", paused: "Paused", disputed: "Disputed" };
