/** The part of react-native that the example uses, on a document. */

import { createElement as h } from "react";
import type { ReactNode } from "react";

const listeners = new Set<(state: string) => void>();

export const AppState = {
  currentState: "active",
  addEventListener(_type: "change", listener: (state: string) => void) {
    listeners.add(listener);
    return { remove: () => void listeners.delete(listener) };
  },
};

/** What the system does when the app goes to the background, or comes back. */
export function changeState(state: string) {
  AppState.currentState = state;
  for (const listener of [...listeners]) listener(state);
}

export const View = ({ children }: { children: ReactNode }) => h("div", null, children);
export const Text = ({ children }: { children: ReactNode }) => h("span", null, children);
