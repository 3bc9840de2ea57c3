/** Follow a tournament that moves to another cell. */

import type { Connection, Options } from "./interface.ts";

/**
 * After the goodbye `moved`, reconnect to the new cell, with the same rooms and commands. Pass the same
 * object that was passed to `connect` or `connectOrPoll`: its `url` and `http` change. Returns a
 * function that stops following.
 *
 * A token that was sent over TLS is never sent without. Two cells that refer to each other do no harm: each
 * goodbye is followed by a pause that grows.
 */
export function followMoves(connection: Connection, options: Options): () => void {
  return connection.on("goodbye", ({ endpoint }) => {
    const { socket_url, http_url } = endpoint ?? {};
    if (!mayFollow(options.url, socket_url) || !mayFollow(options.http ?? options.url, http_url)) return;
    options.url = socket_url!;
    if (options.http) options.http = http_url!;
  });
}

function mayFollow(before: string, after: unknown): boolean {
  return typeof after === "string" && (/^(wss|https):/.test(after) || /^(ws|http):/.test(before));
}
