/** Signing in: the form, the first check of a token, and its storage in this tab only. */

import { NotReady, read, readConfig, readListing } from "./api.js";
import { claimsIn } from "./token-claims.js";
import { copyOf, find, write } from "./elements.js";
import { t } from "./i18n.js";
import { loadToken, saveToken } from "./session-store.js";
import { onSubmit } from "./dialogs.js";

const REJECTIONS = ["authentication_required", "forbidden", "not_announced", "bad_tournament"];

/** `begin({claims, config, listing})` is called after a successful sign-in. */
export function startSignIn(query, begin) {
  const signIn = (token) => check(token, query).then(begin, showRejection);
  onSubmit("sign-in", () => signIn(find("token").value.trim()));
  offerDemo(query, signIn);
  const stored = loadToken();
  if (stored) signIn(stored);
  else showForm();
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
  saveToken(token);
  find("token").value = "";
  find("sign-in").hidden = true;
  return { claims, config, listing };
}

const refusal = (key) => Object.assign(new NotReady("bad_token"), { key });

/** The URL's tournament, else the site's, unless the token is for others only. */
function tournamentFor({ tournaments }, { tournamentId }, query) {
  const isForOthers = tournaments.length > 0 && !tournaments.includes(tournamentId);
  return isForOthers && !query.has("tournament") ? tournaments[0] : tournamentId;
}

/** A rejected token is removed; one that could not be checked is kept. */
function showRejection(error) {
  if (error instanceof NotReady) saveToken(null);
  const key = error.key ?? (REJECTIONS.includes(error.reason) ? error.reason : "unreachable");
  showForm(t(`sign_in.${key}`));
}

function showForm(sentence = "") {
  write(find("title"), t("official.title"));
  write(find("summary"), t("official.sign_in_summary"));
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
