/** The document's elements: found, copied, ordered, and changed only where needed. */

import { direction, locale, t } from "./i18n.js";

const FLASH_MS = 4000;

export const find = (id) => document.getElementById(id);

export function copyOf(template) {
  return find(template).content.firstElementChild.cloneNode(true);
}

/** Fill in the texts of all elements with a key, those in templates too. */
export function translate() {
  document.documentElement.lang = locale();
  document.documentElement.dir = direction();
  const fragments = [...document.querySelectorAll("template")].map((template) => template.content);
  for (const root of [document, ...fragments]) {
    for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
    for (const element of root.querySelectorAll("[data-t-title]")) element.title = t(element.dataset.tTitle);
    for (const element of root.querySelectorAll("[data-t-label]")) element.ariaLabel = t(element.dataset.tLabel);
    for (const element of root.querySelectorAll("[data-t-placeholder]")) element.placeholder = t(element.dataset.tPlaceholder);
  }
}

/** Returns whether the text is new; an equal one is not written again. */
export function write(element, text) {
  if (element.textContent === text) return false;
  element.textContent = text;
  return true;
}

export function flash(element) {
  element.classList.remove("changed");
  void element.offsetWidth; // restarts the animation of a second goal
  element.classList.add("changed");
  clearTimeout(element.flashTimer);
  element.flashTimer = setTimeout(() => element.classList.remove("changed"), FLASH_MS);
}

/** Make `children` the parent's children, in this order, moving as few as possible. */
export function place(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  for (const [index, child] of children.entries()) {
    const there = parent.children[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  }
}

/** Make a change that may move elements, and restore the focus. */
export function keepingFocus(change) {
  const focused = document.activeElement;
  change();
  if (focused !== document.activeElement && focused?.isConnected) {
    focused.focus({ preventScroll: true });
  }
}
