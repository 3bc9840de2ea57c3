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

export const disconnection = (reason: string): Disconnection => ({
  reason,
  isFinal: false,
  retryAfterMs: null,
});

export function fromGoodbye({ code, reason, reconnect, retry_after_ms }: Goodbye): Disconnection {
  // A missing or expired token is the client's to replace, whatever the server advises.
  const isFinal = !reconnect && code !== TOKEN_REQUIRED;
  return { reason, isFinal, retryAfterMs: retry_after_ms ?? null };
}

/** Anything thrown while a socket was being opened. */
export function fromError(error: unknown): Disconnection {
  return (error as Disconnection).reason ? (error as Disconnection) : disconnection("unreachable");
}
