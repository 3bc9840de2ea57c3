/** Browser client of Scorecast. */

import { ReconnectingConnection } from "./connection.ts";
import { browser } from "./platform.ts";
import type { Connection, Options } from "./interface.ts";

export { AnswerTimeout, CommandRefused, ConnectionLost } from "./errors.ts";
export { browser } from "./platform.ts";
export type { Connection, Events, Options, Phase, Status } from "./interface.ts";
export type { Snapshot } from "./memberships.ts";
export type { Platform, RawSocket } from "./platform.ts";
export type * from "./protocol.ts";

/** Open a connection that reconnects by itself until `close` is called. */
export function connect(options: Options): Connection {
  return new ReconnectingConnection(options, options.platform ?? browser);
}
