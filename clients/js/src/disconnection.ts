/** Why a socket ended, or could not be opened. Pure. */

import { TOKEN_REQUIRED } from "./protocol.ts";
import type { Goodbye } from "./protocol.ts";

export interface Disconnection {
  reason: string;
  /** Do not reconnect. */
  isFinal: boolean;
  /** How long the server asks the client to wait; null: the client's own backoff. */
  retryAfterMs: number | null;
}

export function disconnection(
  reason: string,
  isFinal = false,
  retryAfterMs: number | null = null,
): Disconnection {
  return { reason, isFinal, retryAfterMs };
}

export function fromGoodbye({ code, reason, reconnect, retry_after_ms }: Goodbye): Disconnection {
  // The client must replace a missing or expired token, even if the server advises otherwise. An evicted
  // connection that reconnected would evict another one of the same user, which would do the same.
  const isFinal = (reconnect === false && code !== TOKEN_REQUIRED) || reason === "connection_limit_exceeded";
  return disconnection(typeof reason === "string" ? reason : "goodbye", isFinal, delayOf(retry_after_ms));
}

/** A delay that the server asks for; null if there is none. */
export const delayOf = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Anything thrown while a socket was being opened. */
export function fromError(error: unknown): Disconnection {
  return (error as Disconnection).reason ? (error as Disconnection) : disconnection("unreachable");
}
