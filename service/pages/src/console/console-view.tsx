import type { Session, SessionState } from '@latchkey/sdk-browser';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { repeatWhileVisible } from '../platform/timers.ts';
import type { View } from '../view.ts';
import { createConsoleView } from './console-frame.ts';

interface ConsoleViewProps {
  readonly session: Session;
  readonly state: SessionState;
  /** Ends this session. The next sign-in returns to the console. */
  readonly signOut: () => Promise<unknown>;
}

/** Holds the console, whose elements are made without Preact. */
export function ConsoleView({ session, state, signOut }: ConsoleViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<View>(undefined);
  useLayoutEffect(() => {
    const made = createConsoleView({ session, repeat: repeatWhileVisible, window, signOut });
    host.current?.append(made.node);
    view.current = made;
    return made.close;
  }, []);
  useEffect(() => view.current?.update(state), [state]);
  return <div ref={host} />;
}
