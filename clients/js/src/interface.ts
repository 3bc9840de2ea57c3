/** The package's public interface. */

import type { Platform } from "./platform.ts";
import type { Snapshot } from "./memberships.ts";
import type {
  ErrorMessage, EventMessage, Goodbye, Message, Room, ServerEvents, Subscribed,
} from "./protocol.ts";

export interface Options {
  /** The address of the WebSocket, `wss://…`. */
  url: string;
  /** Returns the token. Called for every socket and before the token expires; null or absent: anonymous. */
  token?: () => string | null | Promise<string | null>;
  /** The room that is joined with the connection; a match's if both are given. */
  match?: string;
  tournament?: string;
  /**
   * The HTTP API's base URL. With it sockets are opened with single-use tickets, so that no token
   * is part of a URL, and a refused connection has a reason.
   */
  http?: string;
  /** When to replace a socket before the server's limit. Default: 100 minutes. */
  lifetimeMs?: number;
  /** Clock, timers, network: for tests. */
  platform?: Platform;
}

/** `polling` is that of `connectOrPoll` while the room is full. */
export type Phase = "connecting" | "live" | "waiting" | "polling" | "closed";

export interface Status {
  phase: Phase;
  /** The reason why it is not live: a goodbye's reason, or one of the client's own. */
  reason: string | null;
  /** When the next attempt is made; null while it waits for the page to be shown or the network. */
  retryAtMs: number | null;
  /** Live, but the server has been silent for too long: scores may be out of date. */
  isStale: boolean;
  /** When the last message was received, as of this status. */
  lastMessageAtMs: number | null;
}

export interface Events extends ServerEvents {
  /** Every event of a match or tournament, including types that this version does not know. */
  event: EventMessage;
  snapshot: Snapshot;
  status: Status;
  /** An error that is not the reply to a command. */
  error: ErrorMessage;
  goodbye: Goodbye;
}

export interface Connection {
  /** The same object until it changes. */
  readonly status: Status;
  /** Returns a function that removes the listener. */
  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): () => void;
  /**
   * Join a room, now and after every reconnect. `since` asks a live connection for the room's events
   * after that sequence, including those already emitted: they are in the response.
   */
  subscribe(room: Room, from?: { since: number }): Promise<Subscribed>;
  unsubscribe(room: Room): Promise<void>;
  /**
   * Send any command of the protocol; resolves with the data of its response. With `isRetried` it is
   * sent again until it is answered, for a minute, across reconnects: it must be idempotent.
   */
  command<Data>(message: Message, options?: { isRetried?: boolean }): Promise<Data>;
  /** The server's time, independent of this device's clock. */
  readonly serverTimeMs: number;
  /** Connect at once, if it is waiting or closed. */
  retryNow(): void;
  close(): void;
}
