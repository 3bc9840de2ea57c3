/** The claims of a token, for display only: the server validates it, not the page. Pure. */

import { t } from "./i18n.js";

const HOUR_MS = 3_600_000;

/** `{userId, name, role, tournaments, matches, expiresAtMs}`, or null if it is not a token. */
export function claimsIn(token) {
  try {
    const claims = JSON.parse(textOf(token.split(".")[1]));
    if (typeof claims.sub !== "string" || !Number.isFinite(claims.exp)) return null;
    const { sub, name, role, tournaments, matches } = claims;
    return {
      userId: sub,
      name: typeof name === "string" ? name : sub,
      role: typeof role === "string" ? role : null,
      tournaments: Array.isArray(tournaments) ? tournaments : [],
      matches: Array.isArray(matches) ? matches : [],
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

/** An `official` may run the match, a `participant` may dispute it, a `spectator` may watch. */
export function roleIn({ userId, role, tournaments, matches }, match, tournament) {
  if (role === "admin" || role === "service") return "official";
  const runs = tournament.organizers.includes(userId) || tournaments.includes(tournament.id);
  if (runs || matches.includes(match.match_id)) return "official";
  return match.participants.some((one) => one.id === userId) ? "participant" : "spectator";
}

/** The user and the token's expiry; `clock` and `dateAndClock` format times. */
export function holderText({ name, role, expiresAtMs }, nowMs, { clock, dateAndClock }) {
  const remainingMs = expiresAtMs - nowMs;
  const user = role ? `${name} (${role})` : name;
  if (remainingMs <= 0) return t("official.holder_expired", { user });
  const time = (remainingMs > 20 * HOUR_MS ? dateAndClock : clock)(expiresAtMs);
  return t("official.holder_until", { user, time });
}
