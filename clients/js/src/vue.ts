/** Vue composables for live scores. */

import { onScopeDispose, shallowRef, toValue, watchEffect } from "vue";
import { connect } from "./index.ts";
import { matchStore, tournamentStore } from "./store.ts";
import type { MaybeRefOrGetter, ShallowRef } from "vue";
import type { Connection, Options, Status } from "./interface.ts";
import type { Match, MatchRoom, Store, TournamentRoom } from "./store.ts";

/** A connection for as long as the component, or its scope, lives. */
export function useConnection(options: Options): Connection {
  const connection = connect(options);
  onScopeDispose(() => connection.close());
  return connection;
}

export function useStatus(connection: Connection): Readonly<ShallowRef<Status>> {
  const status = shallowRef(connection.status);
  onScopeDispose(connection.on("status", (changed) => { status.value = changed; }));
  return status;
}

/** The match's room; `initial` is a snapshot to start with, such as one that a server has rendered. */
export function useMatch(
  connection: Connection,
  id: MaybeRefOrGetter<string>,
  initial?: Match,
): Readonly<ShallowRef<MatchRoom>> {
  return useRoom(() => matchStore(connection, toValue(id), initial));
}

export function useTournament(
  connection: Connection,
  id: MaybeRefOrGetter<string>,
  initial?: { matches: Match[]; [field: string]: unknown },
): Readonly<ShallowRef<TournamentRoom>> {
  return useRoom(() => tournamentStore(connection, toValue(id), initial));
}

/** Follows the store of the id, which may change. */
function useRoom<State>(storeNow: () => Store<State>): Readonly<ShallowRef<State>> {
  const room = shallowRef(storeNow().state);
  watchEffect((onCleanup) => {
    const store = storeNow();
    onCleanup(store.subscribe(() => { room.value = store.state; }));
    room.value = store.state;
  });
  return room;
}
