/** The platform of a React Native app, which has neither a window nor a document. */

import { browser } from "./platform.ts";
import type { Platform } from "./platform.ts";

/** What the app passes on: `AppState` of react-native and, if it is installed, NetInfo. */
export interface NativeModules {
  AppState: {
    readonly currentState: string;
    addEventListener(type: "change", listener: (state: string) => void): { remove(): void };
  };
  /** The default export of @react-native-community/netinfo. */
  NetInfo?: {
    addEventListener(listener: (state: { isConnected: boolean | null }) => void): () => void;
  };
}

/** For the option `platform`. In the background nothing is reconnected; it is when the app is back. */
export function reactNative({ AppState, NetInfo }: NativeModules): Platform {
  let isOffline = false;
  NetInfo?.addEventListener(({ isConnected }) => (isOffline = isConnected === false));
  return {
    ...browser,
    isAsleep: () => AppState.currentState === "background" || isOffline,
    onWake(listener) {
      const shown = AppState.addEventListener("change", (state) => state === "active" && listener());
      const stop = NetInfo?.addEventListener(({ isConnected }) => isConnected && listener());
      return () => {
        shown.remove();
        stop?.();
      };
    },
  };
}
