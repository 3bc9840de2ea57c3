/** React hooks for live scores. */

import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { connect } from "./index.ts";
import { matchStore, tournamentStore } from "./store.ts";
import type { Connection, Options, Status } from "./interface.ts";
import type { Match, MatchRoom, Store, TournamentRoom } from "./store.ts";

const CONNECTING: Status = { phase: "connecting", reason: null, retryAtMs: null, isStale: false, lastMessageAtMs: null };
const NO_ROOM = { status: CONNECTING, viewers: null, error: null };
const stop = (): void => {};

/** A connection for as long as the component is mounted; null before, and on a server. */
export function useConnection(options: Options): Connection | null {
  const [connection, setConnection] = useState<Connection | null>(null);
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    const opened = connect({ ...latest.current, token: () => latest.current.token?.() ?? null });
    setConnection(opened);
    return () => {
      opened.close();
      setConnection(null);
    };
  }, [options.url, options.http, options.match, options.tournament]);
  return connection;
}

export function useStatus(connection: Connection | null): Status {
  const subscribe = useCallback((listener: () => void) => connection?.on("status", listener) ?? stop, [connection]);
  return useSyncExternalStore(subscribe, () => connection?.status ?? CONNECTING, () => CONNECTING);
}

/** The match's room; `initial` is a snapshot to start with, such as one that a server has rendered. */
export function useMatch(connection: Connection | null, id: string, initial?: Match): MatchRoom {
  const store = useMemo(() => connection && matchStore(connection, id, initial), [connection, id]);
  const fallback = useMemo((): MatchRoom => ({ ...NO_ROOM, match: initial ?? null, timeline: [] }), [id]);
  return useRoom(store, fallback);
}

export function useTournament(
  connection: Connection | null,
  id: string,
  initial?: { matches: Match[]; [field: string]: unknown },
): TournamentRoom {
  const store = useMemo(() => connection && tournamentStore(connection, id, initial), [connection, id]);
  const fallback = useMemo((): TournamentRoom => {
    const matches = new Map(initial?.matches.map((match) => [match.match_id, match]));
    return { ...NO_ROOM, tournament: null, matches, timelines: new Map(), bracket: null };
  }, [id]);
  return useRoom(store, fallback);
}

function useRoom<State>(store: Store<State> | null, fallback: State): State {
  const subscribe = useCallback((listener: () => void) => store?.subscribe(listener) ?? stop, [store]);
  return useSyncExternalStore(subscribe, () => store?.state ?? fallback, () => fallback);
}
