/** Keeps the phone's screen on while an official runs a match. */

let lock = null;
let isWanted = false;

/** To be called on each change; the browser drops the lock when the page is hidden. */
export function keepAwake(wanted) {
  isWanted = wanted;
  if (!wanted) return release();
  if (!lock && document.visibilityState === "visible") void request();
}

async function request() {
  lock = navigator.wakeLock?.request("screen").catch(() => null) ?? null; // refused on a low battery
  const held = await lock;
  if (!held) return (lock = null);
  held.addEventListener("release", () => (lock = null));
}

async function release() {
  const held = await lock;
  if (isWanted) return; // again, meanwhile
  lock = null;
  await held?.release();
}

document.addEventListener("visibilitychange", () => keepAwake(isWanted));
