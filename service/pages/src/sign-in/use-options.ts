import type { SignInOptions } from '@latchkey/contract';
import { useEffect } from 'preact/hooks';
import { showBrand } from '../brand.ts';
import { useResource } from '../components/resource.ts';

/** What the tenant offers, once it is known. The page then looks as the tenant does. */
export function useOptions(read: () => Promise<SignInOptions>): SignInOptions | undefined {
  const options = useResource(read);
  const found = options.value.value;
  useEffect(() => void options.load(), []);
  useEffect(() => {
    if (found !== undefined) showBrand(found.tenant);
  }, [found]);
  return found;
}
