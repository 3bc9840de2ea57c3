/** Everything that a page without a bundler needs, as `window.Scorecast`. */

export * from "./index.ts";
export { connectOrPoll } from "./overflow.ts";
export * from "./store.ts";
export { official } from "./official.ts";
export { LiveBracket, LiveScore } from "./element.ts";
