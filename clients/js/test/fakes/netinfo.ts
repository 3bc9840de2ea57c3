/** The part of @react-native-community/netinfo that the example uses. */

type Listener = (state: { isConnected: boolean | null }) => void;
const listeners = new Set<Listener>();

export default {
  addEventListener(listener: Listener) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

export function changeNetwork(isConnected: boolean) {
  for (const listener of [...listeners]) listener({ isConnected });
}
