import type { Holder } from '../../src/online/online.ts';
import { byId, copyOf, setText } from './elements.ts';

/** Shows the holders that are online, except the account `own`, each with a button to pay. */
export function showOnlineHolders(holders: readonly Holder[], own: number, pay: (number: number) => void): void {
  const others = holders.filter(({ number }) => number !== own);
  const list = byId('online', HTMLElement);
  const rows = new Map([...list.children].map((row) => [(row as HTMLElement).dataset.number, row]));
  // Rows are reused, so that the focus stays in its row.
  const nodes = others.map((holder) => rows.get(String(holder.number)) ?? rowOf(holder, pay));
  if (nodes.length !== rows.size || nodes.some((node, index) => node !== list.children[index])) {
    list.replaceChildren(...nodes);
  }
  byId('alone', HTMLElement).hidden = others.length > 0;
}

function rowOf({ number, holder }: Holder, pay: (number: number) => void): Element {
  const { node, part } = copyOf('holder-row');
  (node as HTMLElement).dataset.number = String(number);
  setText(part('.name'), `${holder} · ${number}`);
  const button = part('button');
  button.setAttribute('aria-label', `Pay ${holder}, account ${number}`);
  button.addEventListener('click', () => pay(number));
  return node;
}
