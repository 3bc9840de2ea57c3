/** The document's elements: found, copied, put in order, and touched only where they change. */

const FLASH_MS = 4000;

export const find = (id) => document.getElementById(id);

export function copyOf(template) {
  return find(template).content.firstElementChild.cloneNode(true);
}

/** Whether the text is new; an element that already says it is left alone. */
export function write(element, text) {
  if (element.textContent === text) return false;
  element.textContent = text;
  return true;
}

export function flash(element) {
  element.classList.remove("changed");
  void element.offsetWidth; // so that a second goal within the first one's flash flashes again
  element.classList.add("changed");
  clearTimeout(element.calm);
  element.calm = setTimeout(() => element.classList.remove("changed"), FLASH_MS);
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

/** Do what may move elements, and give the focus back to the one that had it. */
export function keepingFocus(change) {
  const focused = document.activeElement;
  change();
  if (focused !== document.activeElement && focused?.isConnected) {
    focused.focus({ preventScroll: true });
  }
}
