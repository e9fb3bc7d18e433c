/** An element of index.html. @throws TypeError when index.html has no such element */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`index.html has no ${kind.name} with the id "${id}"`);
  return found;
}

/** A copy of a template's only element, with the parts that a selector finds. */
export function copyOf(id: string): { node: Element; part(selector: string): HTMLElement } {
  const node = byId(id, HTMLTemplateElement).content.firstElementChild?.cloneNode(true) as Element;
  return { node, part: (selector) => node.querySelector(selector) as HTMLElement };
}

/** Sets the text if it differs, because screen readers announce each change of a live region. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
