/** Texts of the page by their keys, in the reader's language. */

import en from "./catalogs/en.js";

const LANGUAGES = ["en", "de", "es"];
const AGES = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000]];
const RIGHT_TO_LEFT = /^(ar|fa|he|ur)\b/;

let language = "en";
let catalog = en;
const formatters = new Map(); // making one is slow

/** The first of the wanted languages that there is a catalog for. */
export function chooseLanguage(wanted) {
  const codes = wanted.filter((tag) => typeof tag === "string").map((tag) => tag.slice(0, 2).toLowerCase());
  return codes.find((code) => LANGUAGES.includes(code)) ?? "en";
}

export async function setLanguage(code) {
  catalog = code === "en" ? en : (await import(`./catalogs/${code}.js`)).default;
  language = code;
}

/** Texts of a page of its own, in one language; what they lack is as in English. */
export function useTexts(texts) {
  catalog = texts;
}

/** Dates of English texts have the day first, as the texts are written in British English. */
export const locale = () => (language === "en" ? "en-GB" : language);
export const direction = () => (RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr");

/** The text of a key, with its `{placeholders}` filled in; `count` chooses the plural. */
export function t(key, values = {}) {
  const found = catalog[key] ?? en[key];
  const text = typeof found === "object" ? found[formatter(Intl.PluralRules).select(values.count)] ?? found.other : found;
  return text.replace(/\{(\w+)\}/g, (_, name) => (name === "count" ? number(values.count) : values[name]));
}

export function number(value) {
  return formatter(Intl.NumberFormat, { useGrouping: "min2", maximumFractionDigits: 3 }).format(value);
}

/** A date or time; empty if it is not one. */
export function formatTime(time, options) {
  const isTime = typeof time === "number" || typeof time === "string";
  const date = new Date(isTime ? time : NaN);
  return Number.isNaN(+date) ? "" : formatter(Intl.DateTimeFormat, options).format(date);
}

/** “3 hours ago”. */
export function ago(ms) {
  const [unit, length] = AGES.find(([, length]) => ms >= length) ?? AGES.at(-1);
  return formatter(Intl.RelativeTimeFormat, { numeric: "auto", style: "short" }).format(-Math.floor(ms / length), unit);
}

function formatter(Kind, options = {}) {
  const key = [Kind.name, locale(), JSON.stringify(options)].join();
  if (!formatters.has(key)) formatters.set(key, new Kind(locale(), options));
  return formatters.get(key);
}
