/** One match in a React Native app. */

import NetInfo from "@react-native-community/netinfo";
import { useMatch, useConnection } from "@scorecast/client/react";
import { reactNative } from "@scorecast/client/react-native";
import { AppState, Text, View } from "react-native";

const platform = reactNative({ AppState, NetInfo });

export function Score({ url, id }: { url: string; id: string }) {
  const connection = useConnection({ url, platform });
  const { match, status } = useMatch(connection, id);
  return (
    <View>
      <Text>{match?.participant1_score ?? "–"} : {match?.participant2_score ?? "–"}</Text>
      {status.isStale || status.phase !== "live" ? <Text>Not up to date</Text> : null}
    </View>
  );
}
