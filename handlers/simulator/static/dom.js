// Elements are built, never parsed: whatever a contact or the service says stays text.

/** An element. `attributes`: plain attributes, `class`, `data-…`, and `on…` listeners; null and false are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  put(element, ...children);
  return element;
}

/** Add children: elements, texts, lists of them; null and false are left out. */
export function put(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

/** Replace everything inside an element. */
export function fill(element, ...children) {
  element.replaceChildren();
  return put(element, ...children);
}

/** Words of somebody else: kept apart from ours whatever their direction. */
export function quoted(text, attributes = {}) {
  return el("bdi", { dir: "auto", ...attributes }, text);
}
