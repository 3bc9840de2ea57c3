/**
 * One lasting connection made of many sockets. It keeps no timers: call `tick` a few times a
 * second, and it pings, notices silence, and reconnects.
 */

export const RECONNECT_MIN_MS = 500;
export const RECONNECT_MAX_MS = 20_000;
const WELCOME_WITHIN_MS = 15_000;
const PROBE_MS = 5_000;
const SETTLED_MS = 5_000;
const NEW_TOKEN_NEEDED = 4001;

/** The wait before reconnect number `attempt` (from 0): full jitter below a doubling ceiling. */
export function reconnectDelayMs(attempt, random) {
  const ceiling = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** (attempt + 1));
  return RECONNECT_MIN_MS + random() * (ceiling - RECONNECT_MIN_MS);
}

/** The wait that a goodbye asks for, in milliseconds; null when it asks not to come back. */
export function delayAfterGoodbyeMs(goodbye, attempt, random) {
  if (!goodbye.reconnect && goodbye.code !== NEW_TOKEN_NEEDED) return null;
  if (goodbye.retry_after_ms == null) return reconnectDelayMs(attempt, random);
  // A drain spreads its crowd itself; a full room gives everybody the same number.
  return Math.max(0, goodbye.retry_after_ms) + random() * RECONNECT_MIN_MS;
}

/** Why there is no address: for good, or (`retryAfterMs`) for a while. */
export class NoAddress extends Error {
  constructor(reason, retryAfterMs = null) {
    super(reason);
    Object.assign(this, { reason, retryAfterMs });
  }
}

/**
 * `address({refusals, newTokenNeeded})` resolves to the URL of the next socket, or rejects: with
 * NoAddress as that says, with anything else until the next attempt.
 * `status().phase`: connecting, live, waiting (until `retryAtMs`) or closed (for `reason`).
 */
export function lastingConnection({ address, onFrame, openSocket, random, now }) {
  let status = { phase: "closed", reason: null, retryAtMs: null, heardAtMs: null };
  let socket = null;
  let goodbye = null;
  let attempt = 0;
  let refusals = 0;
  let newTokenNeeded = false;
  let pinged = false;
  let sinceMs = 0;
  let probeEndsMs = Infinity;
  let intervalMs = 25_000;
  let timeoutMs = 50_000;

  const become = (change) => (status = { ...status, ...change });
  const jitterMs = () => reconnectDelayMs(attempt, random);

  async function open() {
    const opening = (socket = {});
    goodbye = null;
    sinceMs = now();
    become({ phase: "connecting" });
    try {
      const url = await address({ refusals, newTokenNeeded });
      if (socket === opening) listen(openSocket(url));
    } catch (error) {
      if (socket === opening) missAddress(error);
    }
  }

  function missAddress(error) {
    const final = error instanceof NoAddress && error.retryAfterMs === null;
    become({ reason: error.reason ?? null });
    leave(final ? null : error.retryAfterMs ?? jitterMs());
  }

  function listen(opened) {
    socket = opened;
    const whileOurs = (react) => (event) => socket === opened && react(event);
    opened.onopen = whileOurs(() => onFrame({ type: "socket_opened" }));
    opened.onmessage = whileOurs((event) => hear(frameOf(event.data)));
    opened.onclose = whileOurs(lose);
  }

  function hear(frame) {
    pinged = false;
    probeEndsMs = Infinity;
    become({ heardAtMs: now() });
    if (frame.type === "ping") send({ type: "pong" });
    if (frame.type === "connection_established") settle(frame.data);
    if (frame.type === "goodbye") obey(frame);
    else onFrame(frame);
  }

  function settle({ heartbeat_interval, heartbeat_timeout }) {
    intervalMs = heartbeat_interval * 1000 || intervalMs;
    timeoutMs = heartbeat_timeout * 1000 || timeoutMs;
    sinceMs = now();
    refusals = 0;
    newTokenNeeded = false;
    become({ phase: "live", reason: null });
  }

  function obey(frame) {
    goodbye = frame;
    newTokenNeeded = frame.code === NEW_TOKEN_NEEDED;
    lose();
  }

  function lose() {
    const wasLive = status.phase === "live";
    if (!wasLive && !goodbye) refusals += 1;
    // A socket that is cut as soon as it stands must not be asked for twice a second.
    if (wasLive && now() - sinceMs >= SETTLED_MS) attempt = 0;
    become({ reason: goodbye?.reason ?? null });
    leave(goodbye ? delayAfterGoodbyeMs(goodbye, attempt, random) : jitterMs());
  }

  /** Let the socket go, and come back after `delayMs`, or (null) never. */
  function leave(delayMs) {
    const left = socket;
    socket = null;
    pinged = false;
    probeEndsMs = Infinity;
    left.close?.();
    attempt += 1;
    become(delayMs === null ? { phase: "closed" } : { phase: "waiting", retryAtMs: now() + delayMs });
  }

  function send(frame) {
    if (socket.readyState === 1) socket.send(JSON.stringify(frame));
  }

  function ping() {
    pinged = true;
    send({ type: "ping", timestamp: now() });
  }

  function tick() {
    const { phase, retryAtMs, heardAtMs } = status;
    const silentMs = now() - heardAtMs;
    if (phase === "waiting" && now() >= retryAtMs) open();
    if (phase === "connecting" && now() - sinceMs > WELCOME_WITHIN_MS) lose();
    if (phase !== "live") return;
    if (silentMs >= timeoutMs || now() >= probeEndsMs) lose();
    else if (silentMs >= intervalMs && !pinged) ping();
  }

  /** Ask whether anybody is there, and do not wait long: after sleep, or when a network is back. */
  function probe() {
    if (status.phase !== "live" || probeEndsMs < Infinity) return;
    probeEndsMs = now() + PROBE_MS;
    ping();
  }

  function retryNow() {
    if (status.phase === "waiting" || status.phase === "closed") open();
  }

  return {
    open,
    tick,
    probe,
    retryNow,
    status: () => ({ ...status, staleAfterMs: (intervalMs + timeoutMs) / 2 }),
  };
}

/** A frame that cannot be read counts as life, and as nothing else. */
function frameOf(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
