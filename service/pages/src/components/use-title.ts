import { useEffect } from 'preact/hooks';
import { brandName } from '../brand.ts';

/** Names the page in the title of the window. */
export function useTitle(title: string): void {
  const brand = brandName.value;
  useEffect(() => {
    document.title = `${title} · ${brand}`;
  }, [title, brand]);
}
