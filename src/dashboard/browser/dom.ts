/** What an element may hold; false and null are left out. */
export type Child = Node | string | number | null | false;

type Value = string | number | boolean | null | undefined | ((event: Event) => void);
type Attributes = Readonly<Record<string, Value>>;

/** Listeners of elements that were made here, by which a morph takes them over. */
const LISTENERS = new WeakMap<Node, Map<string, (event: Event) => void>>();

/** Makes an element. Text is never taken for markup. `onclick` and the like are listeners, null and false no attributes. */
export function h(tag: string, attributes: Attributes = {}, ...children: readonly (Child | readonly Child[])[]): HTMLElement {
  return made(document.createElement(tag), attributes, children);
}

/** The same for what is drawn. */
export function svg(tag: string, attributes: Attributes = {}, ...children: readonly (Child | readonly Child[])[]): SVGElement {
  return made(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function made<E extends Element>(element: E, attributes: Attributes, children: readonly (Child | readonly Child[])[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') listen(element, name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat())
    if (child !== null && child !== false) element.append(child instanceof Node ? child : String(child));
  return element;
}

function listen(element: Element, event: string, run: (event: Event) => void): void {
  const known = LISTENERS.get(element) ?? new Map<string, (event: Event) => void>();
  if (!known.has(event)) element.addEventListener(event, (happened) => known.get(event)?.(happened));
  known.set(event, run);
  LISTENERS.set(element, known);
}

/**
 * Makes `old` like `fresh` and leaves what is the same untouched: the focus, a selection, what a screen reader is at.
 * Children with a `data-key` are matched by it, others by their place.
 */
export function morph(old: Element, fresh: Element): void {
  takeAttributes(old, fresh);
  for (const [event, run] of LISTENERS.get(fresh) ?? []) listen(old, event, run);
  const keyed = new Map([...old.children].flatMap((child) => (keyOf(child) === null ? [] : [[keyOf(child), child] as const])));
  let at = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const match = matching(next, at, keyed);
    if (match === null) {
      old.insertBefore(next, at);
      continue;
    }
    if (match !== at) old.insertBefore(match, at);
    else at = at.nextSibling;
    if (match instanceof Element && next instanceof Element) morph(match, next);
    else if (match.nodeValue !== next.nodeValue) match.nodeValue = next.nodeValue;
  }
  while (at !== null) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function matching(next: Node, at: ChildNode | null, keyed: ReadonlyMap<string | null, Element>): Node | null {
  const key = keyOf(next);
  if (key !== null) {
    const known = keyed.get(key);
    return known !== undefined && known.nodeName === next.nodeName ? known : null;
  }
  return at !== null && keyOf(at) === null && at.nodeName === next.nodeName ? at : null;
}

function keyOf(node: Node): string | null {
  return node instanceof Element ? node.getAttribute('data-key') : null;
}

/** What is open and what is closed is the reader's to say. */
const READERS = 'open';

function takeAttributes(old: Element, fresh: Element): void {
  // What was typed has its own mind, and an attribute no longer changes it.
  if (old instanceof HTMLInputElement && old !== document.activeElement) old.value = fresh.getAttribute('value') ?? '';
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && name !== READERS) old.removeAttribute(name);
  for (const { name, value } of [...fresh.attributes])
    if (name !== READERS && old.getAttribute(name) !== value) old.setAttribute(name, value);
}
