type Attribute = string | number | boolean | undefined;
type Child = Node | string | undefined;

/** Makes an element. Children that are text become text, never markup: most of it is somebody else's. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

export function button(
  attributes: Readonly<Record<string, Attribute>>,
  onClick: () => void,
  ...children: readonly Child[]
): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, ...children);
  made.addEventListener("click", onClick);
  return made;
}

/** Words that are heard and not seen, where the eye has them from the place. */
export function heard(text: string): HTMLElement {
  return element("span", { class: "heard" }, text);
}

/** A place for what may be wider than a phone: it scrolls by itself, by keyboard too, and the page does not. */
export function scrollable(label: string, ...children: readonly Child[]): HTMLElement {
  return element("div", { class: "scroll", role: "region", "aria-label": label, tabindex: 0 }, ...children);
}

/** Fills one of the places that the page has for its sections. Ids of ours have an underscore: those of cases never do. */
export function fill(id: string, ...children: readonly Child[]): void {
  document.getElementById(`_${id}`)?.replaceChildren(...children.filter((child) => child !== undefined));
}
