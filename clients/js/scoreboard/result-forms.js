/** The forms that say how a match ended: who won, how, and with which score. */

import { currentPlay } from "./command-log.js";
import { onSubmit } from "./dialogs.js";
import { copyOf, find, place, write } from "./elements.js";
import { t } from "./i18n.js";
import { nameOf, scoresText } from "./labels.js";
import { isScore, parsed, rulesOf } from "./play.js";

const UNPLAYED = ["walkover", "forfeit", "double_forfeit", "disqualified", "awarded", "abandoned", "bye"];
const IN_PLAY = ["played", "retired", "disqualified", "forfeit", "double_forfeit", "awarded", "abandoned"];
/** By form: the outcomes that it offers. */
const OUTCOMES = { completion: IN_PLAY, awarding: UNPLAYED, amending: ["played", "retired", ...UNPLAYED] };
const DECIDED_BY = ["", "overtime", "shootout", "tiebreak"];
const ONE_WINS = ["walkover", "forfeit", "retired", "disqualified", "bye"];

const forms = new Map();
let amendedScores = [];
let shown = null;

/** `give(kind, more)` sends a command. */
export function createResultForms(give) {
  for (const [id, outcomes] of Object.entries(OUTCOMES)) forms.set(id, newForm(id, outcomes));
  fill(find("completion").querySelector(".decided"), DECIDED_BY, "decided_by");
  amendedScores = [0, 1].map(() => copyOf("amended-score"));
  place(find("amended"), amendedScores);
  find("amend").addEventListener("click", showStored);
  onSubmit("completion", () => give("complete", { ...resultIn("completion"), ...decision(), score: score() }));
  onSubmit("awarding", () => give("complete", resultIn("awarding")));
  onSubmit("amending", () => give("amend", amendment()));
}

function newForm(id, outcomes) {
  const form = find(id);
  const winners = [0, 1, null].map(newWinner);
  const fieldset = form.querySelector(".winners");
  const outcome = form.querySelector(".outcome");
  place(fieldset, [fieldset.firstElementChild, ...winners.map(({ element }) => element)]);
  fill(outcome, outcomes, "outcome");
  form.addEventListener("change", showResultForm);
  return { form, winners, outcome };
}

function newWinner(side) {
  const element = copyOf("winner");
  const [input, label] = element.children;
  input.value = String(side);
  return { element, side, input, label };
}

function fill(select, words, prefix) {
  select.replaceChildren(...words.map((word) => new Option(word && t(`${prefix}.${word}`), word)));
}

export function showResultForms(view) {
  shown = view;
  showResultForm();
}

function showResultForm() {
  for (const { winners, outcome } of forms.values()) {
    for (const { side, label, input } of winners) {
      write(label, side === null ? t(outcome.value === "played" ? "official.draw" : "official.no_winner") : nameOf(shown.match, side));
      input.disabled = !isPossible(side, outcome.value);
      if (input.disabled) input.checked = false;
    }
  }
  write(find("result"), resultText());
}

/** Some outcomes give one side the match, one gives it to nobody. */
function isPossible(side, outcome) {
  return side === null ? !ONE_WINS.includes(outcome) : outcome !== "double_forfeit";
}

function resultText() {
  const { winners, outcome } = forms.get("completion");
  const [one, two] = score();
  const chosen = winners.find(({ input }) => input.checked);
  const leads = one === two ? null : Number(two > one);
  const isOdd = chosen && outcome.value === "played" && chosen.side !== leads && !decision().decidedBy;
  const sentences = [
    t("official.final_score", { score: scoresText(score(), shown.match.scoring) }),
    isOdd ? t("official.odd_winner") : "",
    t("official.amendable"),
  ];
  return sentences.filter(Boolean).join(" ");
}

const score = () => currentPlay(shown.log, shown.match).score;

function decision() {
  const decidedBy = find("completion").querySelector(".decided").value;
  return decidedBy ? { decidedBy } : {};
}

function resultIn(id) {
  const { winners, outcome } = forms.get(id);
  const { side } = winners.find(({ input }) => input.checked);
  return { winner: side === null ? null : shown.match.participants[side].id, outcome: outcome.value };
}

/** The stored result in the form that corrects it. */
function showStored() {
  const { winners, outcome } = forms.get("amending");
  const { match } = shown;
  outcome.value = match.outcome ?? "played";
  const stored = winners.find(({ side }) => side !== null && match.participants[side].id === match.winner_id) ?? winners[2];
  stored.input.checked = true;
  for (const [side, element] of amendedScores.entries()) {
    const [label, input] = element.children;
    write(label, nameOf(match, side));
    input.value = [match.participant1_score, match.participant2_score][side] / rulesOf(match).one;
  }
  showResultForm();
}

function amendment() {
  const rules = rulesOf(shown.match);
  const typed = amendedScores.map((element) => parsed(element.lastElementChild.value, rules));
  const reason = find("amend-reason").value.trim();
  return { ...resultIn("amending"), reason, ...(typed.every((each) => isScore(each, rules.isNegative)) && { score: typed }) };
}
