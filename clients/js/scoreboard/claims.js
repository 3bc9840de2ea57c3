/** Who a token says that one is. For display alone: the server checks it, not the page. Pure. */

const HOUR_MS = 3_600_000;

/** `{userId, name, role, tournaments, expiresAtMs}`, or null if this is no token. */
export function claimsIn(token) {
  try {
    const claims = JSON.parse(textOf(token.split(".")[1]));
    if (typeof claims.sub !== "string" || !Number.isFinite(claims.exp)) return null;
    const { sub, name, role, tournaments } = claims;
    return {
      userId: sub,
      name: typeof name === "string" ? name : sub,
      role: role ?? null,
      tournaments: Array.isArray(tournaments) ? tournaments : [],
      expiresAtMs: claims.exp * 1000,
    };
  } catch {
    return null;
  }
}

function textOf(part) {
  const binary = atob(part.replace(/-/g, "+").replace(/_/g, "/"));
  return new TextDecoder().decode(Uint8Array.from(binary, (byte) => byte.charCodeAt(0)));
}

/** `official` may do everything in the match, `participant` may dispute, `spectator` may watch. */
export function roleIn({ userId, role, tournaments }, match, tournament) {
  if (role === "admin" || role === "service") return "official";
  const runs = tournament.organizers.includes(userId) || tournaments.includes(tournament.id);
  if (runs) return "official";
  return match.participants.some(({ id }) => id === userId) ? "participant" : "spectator";
}

/** What the bar says of the holder; `clock` and `dateAndClock` make words of a time. */
export function holderText({ name, role, expiresAtMs }, nowMs, { clock, dateAndClock }) {
  const left = expiresAtMs - nowMs;
  const who = role ? `${name} (${role})` : name;
  if (left <= 0) return `${who}: access has expired`;
  return `${who}, until ${(left > 20 * HOUR_MS ? dateAndClock : clock)(expiresAtMs)}`;
}
