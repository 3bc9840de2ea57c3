/** Browser client of Scorecast. */

import { LastingConnection } from "./connection.ts";
import { browser } from "./platform.ts";
import type { Connection, Options } from "./interface.ts";

export { AnswerTimeout, CommandRefused, ConnectionLost } from "./errors.ts";
export type { Connection, Events, Options, Phase, Status } from "./interface.ts";
export type { Snapshot } from "./memberships.ts";
export type { Platform, RawSocket } from "./platform.ts";
export type * from "./protocol.ts";

/** Open a lasting connection. It starts by itself, and lives until `close`. */
export function connect(options: Options): Connection {
  return new LastingConnection(options, options.platform ?? browser);
}
