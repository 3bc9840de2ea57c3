/** Signing in: the form, a token's first test, and where the token is kept: in this tab alone. */

import { NotReady, read, readConfig, readListing } from "./api.js";
import { claimsIn } from "./claims.js";
import { copyOf, find, write } from "./elements.js";
import { keepToken, keptToken } from "./memory.js";
import { whenSent } from "./sheets.js";

const NO_TOKEN = "This is no access token. Copy all of it: three parts with dots between.";
const EXPIRED = "This token has expired. Please ask for a new one.";
const UNREACHABLE = "The server cannot be reached. Try again in a moment.";
const REFUSALS = {
  authentication_required: "The server does not accept this token: it has expired, or is not for here.",
  forbidden: "The server does not let this token in.",
  not_announced: "The server does not know this tournament. Check the page's address.",
  bad_tournament: "The page's address does not name a tournament. Check it.",
};

/** `enter({claims, config, listing})` is called with who has signed in, and what was read. */
export function startSigningIn(query, enter) {
  const signIn = (token) => check(token, query).then(enter, refuse);
  whenSent("sign-in", () => signIn(find("token").value.trim()));
  offerDemo(query, signIn);
  const kept = keptToken();
  if (kept) signIn(kept);
  else showForm();
}

/** Rejects with an error whose `sentence` says what is wrong. */
async function check(token, query) {
  const claims = claimsIn(token);
  if (!claims) throw refusal(NO_TOKEN);
  if (claims.expiresAtMs <= Date.now()) throw refusal(EXPIRED);
  const site = await readConfig(query);
  const tournamentId = tournamentFor(claims, site, query);
  const config = { ...site, tournamentId, matchId: null, token };
  const listing = await readListing(config);
  keepToken(token);
  find("token").value = "";
  find("sign-in").hidden = true;
  return { claims, config, listing };
}

const refusal = (sentence) => Object.assign(new NotReady("bad_token"), { sentence });

/** The one that the address names, else the site's, unless the token is for others only. */
function tournamentFor({ tournaments }, { tournamentId }, query) {
  const isOthers = tournaments.length > 0 && !tournaments.includes(tournamentId);
  return isOthers && !query.has("tournament") ? tournaments[0] : tournamentId;
}

/** A token that was refused is forgotten; one that the server could not be asked about is kept. */
function refuse(error) {
  if (error instanceof NotReady) keepToken(null);
  showForm(error.sentence ?? REFUSALS[error.reason] ?? UNREACHABLE);
}

function showForm(sentence = "") {
  write(find("title"), "Officials");
  write(find("summary"), "Sign in to run your matches.");
  find("sign-in").hidden = false;
  write(find("token-trouble"), sentence);
}

/** A stack for development hands its tokens out: see infra/local/page.py. */
async function offerDemo(query, signIn) {
  const { tokens_url } = await read("config.json").catch(() => ({})); // signing in will say so
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
