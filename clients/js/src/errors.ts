/** How a command can fail. */

import { delayOf } from "./disconnection.ts";
import type { ErrorMessage } from "./protocol.ts";

/** Rejections after which the same message may be sent again, later. */
export const RETRYABLE = /^(internal_error|token_expired|moved|.*_moving|.*_rate_limit_exceeded)$/;

/** The server has rejected the command; `code` says why. */
export class CommandRefused extends Error {
  override name = "CommandRefused";
  declare readonly code: string;
  declare readonly retryAfterMs: number | null;
  declare readonly data: Record<string, unknown>;

  constructor(error: ErrorMessage) {
    super(error.message);
    const { code, data = {} } = error;
    Object.assign(this, { code, retryAfterMs: delayOf(error.retry_after_ms), data });
  }
}

/** The socket ended before a response. If the command was `sent`, it may have been executed. */
export class ConnectionLost extends Error {
  override name = "ConnectionLost";
  declare readonly sent: boolean;

  constructor(reason: string | null, sent: boolean) {
    super(`The connection ended: ${reason ?? "closed"}.`);
    this.sent = sent;
  }
}

/** No response came in time. If the command was `sent`, it may have been executed all the same. */
export class AnswerTimeout extends Error {
  override name = "AnswerTimeout";
  declare readonly sent: boolean;

  constructor(command: string, sent: boolean) {
    super(`${command} was not answered in time.`);
    this.sent = sent;
  }
}
