/** The field that filters the matches. What is typed is in the URL, so that a reload keeps it. */

import { announce } from "./announcer.js";
import { find } from "./elements.js";
import { t } from "./i18n.js";
import { filterNames, matchFilter } from "./match-filter.js";


const TYPING_MS = 700; // nobody wants to hear a count for each letter

let isAnnounced = true;
let typingTimer = null;

export function attachFilter(query, onChange) {
  find("filter").value = query.get("filter") ?? "";
  find("filter").oninput = () => {
    const text = find("filter").value;
    if (text) query.set("filter", text);
    else query.delete("filter");
    history.replaceState(null, "", `?${query}${location.hash}`);
    onChange();
    clearTimeout(typingTimer);
    typingTimer = setTimeout(() => {
      isAnnounced = false;
      onChange();
    }, TYPING_MS);
  };
}

/** The predicate of the matches that fit. The field is always there: one that comes later would move the page. */
export function showFilter(matches, structure) {
  const text = find("filter").value;
  const fits = matchFilter(text, structure);
  const count = matches.filter(fits).length;
  find("none-fits").hidden = count > 0 || !text;
  showNames(filterNames(matches, structure));
  if (!isAnnounced) announce([t("filter.fitting", { count })]);
  isAnnounced = true;
  return fits;
}

function showNames(names) {
  if (names.length === find("filter-names").childElementCount) return;
  const options = names.map((name) => Object.assign(document.createElement("option"), { value: name }));
  find("filter-names").replaceChildren(...options);
}
