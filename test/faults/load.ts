import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt, Place, Visitor } from './visitor.ts';

/** One attempt, in milliseconds of the test's own monotonic clock. */
interface Event {
  readonly visitor: Visitor;
  readonly result: Attempt;
  readonly beganAt: number;
  readonly endedAt: number;
}

interface Load {
  readonly events: readonly Event[];
  /** Sessions whose logout the service acknowledged. */
  readonly left: readonly string[];
  /** Resolves when everyone who stays holds a new token and everyone who leaves was told so. */
  stop(): Promise<void>;
}

const pauseMs = 150;

/** Visitors who rotate all the time, and some who leave one after the other, retrying until they are told so. */
export function putLoad(places: readonly Place[], staying: readonly Visitor[], leaving: readonly Visitor[]): Load {
  const events: Event[] = [];
  const left: string[] = [];
  let isOver = false;
  const rotateOn = async (visitor: Visitor, index: number): Promise<void> => {
    let last: Attempt = 'lost';
    for (let turn = index; !isOver || last !== 'rotated'; turn++) {
      const beganAt = performance.now();
      last = await visitor.attempt(places[turn % places.length] as Place);
      events.push({ visitor, result: last, beganAt, endedAt: performance.now() });
      await sleep(pauseMs);
    }
  };
  const leave = async (visitor: Visitor, index: number): Promise<void> => {
    await sleep(index * pauseMs);
    for (let turn = index; !(await visitor.leave(places[turn % places.length] as Place)); turn++) {
      // A logout that was committed and not answered: the next try finds no session, which is as good.
      if (isOver && turn > index + 50) return;
      await sleep(pauseMs);
    }
    left.push(visitor.sid);
  };
  const lives = [...staying.map(rotateOn), ...leaving.map(leave)];
  return {
    events,
    left,
    async stop() {
      isOver = true;
      await Promise.all(lives);
    },
  };
}
