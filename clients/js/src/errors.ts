/** How a command can fail. */

import type { ErrorFrame } from "./protocol.ts";

/** Refusals after which the same frame may be sent again, in a while. */
export const PASSING = /^(internal_error|token_expired|.*_rate_limit_exceeded)$/;

/** The server has refused it; `code` says why. */
export class CommandRefused extends Error {
  override name = "CommandRefused";
  declare readonly code: string;
  declare readonly retryAfterMs: number | null;
  declare readonly data: Record<string, unknown>;

  constructor(frame: ErrorFrame) {
    super(frame.message);
    const { code, retry_after_ms: retryAfterMs = null, data = {} } = frame;
    Object.assign(this, { code, retryAfterMs, data });
  }
}

/** The socket ended first. If the command was `sent`, nobody here knows whether it was obeyed. */
export class ConnectionLost extends Error {
  override name = "ConnectionLost";
  declare readonly sent: boolean;

  constructor(reason: string | null, sent: boolean) {
    super(`The connection ended: ${reason ?? "closed"}.`);
    this.sent = sent;
  }
}

/** No answer came in time. If the command was `sent`, it may have been obeyed all the same. */
export class AnswerTimeout extends Error {
  override name = "AnswerTimeout";
  declare readonly sent: boolean;

  constructor(command: string, sent: boolean) {
    super(`${command} was not answered in time.`);
    this.sent = sent;
  }
}
