import { codeTheft } from './code-theft.ts';
import type { Drill } from './drill.ts';
import { lostAnswers } from './lost-answers.ts';
import { revokeDuringRefresh } from './revoke-during-refresh.ts';
import { storm } from './storm.ts';
import { tokenTheft } from './token-theft.ts';

/** Every drill. docs/run/drill.md has a section for each. */
export const drills: readonly Drill[] = [tokenTheft, codeTheft, lostAnswers, revokeDuringRefresh, storm];
