type Attribute = string | number | boolean | undefined | ((event: Event) => void);

/** Attributes by name. A function listens (`onclick`), `true` is the bare attribute, `false` and nothing leave it out. */
export type Attributes = Readonly<Record<string, Attribute>>;
export type ElementChild = Node | string | undefined;

/**
 * Makes an element. Text is never parsed as markup, also that of users.
 *
 * @example
 * element('button', { type: 'button', onclick: end }, 'End')
 */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly ElementChild[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) put(made, key, value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

function put(target: HTMLElement, key: string, value: Attribute): void {
  if (typeof value === 'function') target.addEventListener(key.slice(2), value);
  else if (value !== undefined && value !== false) target.setAttribute(key, value === true ? '' : String(value));
}

/** Sets the text only when it differs: a live region speaks at each change. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
