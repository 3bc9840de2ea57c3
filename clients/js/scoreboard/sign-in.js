/** Signing in: the form, the first check of a token, and its storage in this tab only. */

import { NotReady, read, readConfig, readListing, withJitter } from "./api.js";
import { claimsIn } from "./token-claims.js";
import { copyOf, find, write } from "./elements.js";
import { t } from "./i18n.js";
import { loadToken, saveToken } from "./session-store.js";
import { onSubmit } from "./dialogs.js";

const RETRY_MS = 3_000;
const REJECTIONS = ["authentication_required", "forbidden", "not_announced", "bad_tournament"];

let isSignedIn = false; // and this is a renewal

/**
 * `begin({claims, config, listing})` is called after a successful sign-in, and again when it is
 * renewed. `invited` is the token of an invitation, which counts before the one of this tab.
 */
export function startSignIn(query, begin, invited) {
  let latest = null;
  const signIn = (token) => {
    latest = token;
    return check(token, query).then(begin, (error) => {
      showRejection(error);
      if (!(error instanceof NotReady)) setTimeout(() => latest === token && signIn(token), withJitter(RETRY_MS));
    });
  };
  onSubmit("sign-in", () => signIn(find("token").value.trim()));
  offerDemo(query, signIn);
  const token = invited ?? loadToken();
  if (token) signIn(token);
  else showForm();
  return signIn;
}

/** The form above what is shown: the match, a draft and what is unsent stay. */
export function askAgain() {
  find("sign-in").hidden = false;
  find("token").focus();
}

/**
 * The token of an invitation's link, `#MATCH&token=…`. It is taken out of the address bar and of
 * the history at once, so that nobody reads or shares it from there; the match stays.
 */
export function takeInvitation() {
  const [match, ...more] = location.hash.slice(1).split("&");
  const token = new URLSearchParams(more.join("&")).get("token");
  if (token) history.replaceState(null, "", `${location.pathname}${location.search}#${match}`);
  return token;
}

/** Rejects with an error whose `key` or `reason` has a sentence. */
async function check(token, query) {
  const claims = claimsIn(token);
  if (!claims) throw refusal("not_a_token");
  if (claims.expiresAtMs <= Date.now()) throw refusal("expired");
  const site = await readConfig(query);
  const tournamentId = tournamentFor(claims, site, query);
  const config = { ...site, tournamentId, matchId: null, token };
  const listing = await readListing(config);
  isSignedIn = true;
  saveToken(token);
  find("token").value = "";
  write(find("token-error"), "");
  find("sign-in").hidden = true;
  return { claims, config, listing };
}

const refusal = (key) => Object.assign(new NotReady("bad_token"), { key });

/** The URL's tournament, else the site's, unless the token is for others only. */
function tournamentFor({ tournaments }, { tournamentId }, query) {
  const isForOthers = tournaments.length > 0 && !tournaments.includes(tournamentId);
  return isForOthers && !query.has("tournament") ? tournaments[0] : tournamentId;
}

/** A rejected token is removed, unless another one is in use; one that could not be checked is kept. */
function showRejection(error) {
  if (error instanceof NotReady && !isSignedIn) saveToken(null);
  const key = error.key ?? (REJECTIONS.includes(error.reason) ? error.reason : "unreachable");
  showForm(t(`sign_in.${key}`));
}

function showForm(sentence = "") {
  if (!isSignedIn) write(find("title"), t("official.title"));
  if (!isSignedIn) write(find("summary"), t("official.sign_in_summary"));
  find("sign-in").hidden = false;
  write(find("token-error"), sentence);
}

/** A development stack provides tokens: see infra/local/page.py. */
async function offerDemo(query, signIn) {
  const { tokens_url } = await read("config.json").catch(() => ({})); // signing in shows the reason
  const roles = tokens_url ? await read(tokens_url).catch(() => []) : [];
  for (const { role, token, tournament_id } of roles) {
    const button = copyOf("demo-role");
    write(button, role);
    button.onclick = () => {
      if (tournament_id) query.set("tournament", tournament_id);
      if (tournament_id) history.replaceState(null, "", `?${query}${location.hash}`);
      signIn(token);
    };
    find("demo-roles").append(button);
  }
  find("demo").hidden = roles.length === 0;
}
