import type { Move } from './explore.ts';
import type { RotationRequest, RowVerdict, Rules } from './verdict.ts';
import { type Bounds, brokenBy, brokenIn, presentedBy, type Request, type StoredToken, type World } from './world.ts';

type WorldMove = Move<World>;

/** Everything that can happen next: a tab, the network, the clock, the thief. Nothing follows a revocation. */
export function createMoves(rules: Rules, bounds: Bounds): (world: World) => readonly WorldMove[] {
  return (world) => {
    if (world.row.revoked) return [];
    const moves = [...tabMoves(world, bounds), ...networkMoves(world, rules, bounds), ...clockMoves(world, bounds)];
    if (bounds.thief !== 'none') moves.push(...thiefMoves(world, bounds, rules));
    return moves.map((move) => ({ ...move, broken: move.broken ?? brokenIn(move.next, bounds) }));
  };
}

function tabMoves(world: World, bounds: Bounds): WorldMove[] {
  return world.waiting.flatMap((waits, tab): WorldMove[] => {
    const read = world.read[tab] ?? null;
    if (waits) return [{ label: `tab ${tab} gives up waiting`, next: giveUp(world, tab) }];
    if (read !== null) return [{ label: `tab ${tab} sends`, next: send(world, tab, read) }];
    if (world.left.sends === 0) return [];
    if (!bounds.lock) return [{ label: `tab ${tab} reads`, next: take(world, tab) }];
    if (world.waiting.includes(true)) return [];
    return [{ label: `tab ${tab} reads and sends`, next: send(take(world, tab), tab, world.stored) }];
  });
}

function take(world: World, tab: number): World {
  const left = { ...world.left, sends: world.left.sends - 1 };
  return { ...world, left, read: world.read.with(tab, world.stored) };
}

/** Keys found are used again, all of them; a new one is stored before the request leaves. */
function send(world: World, tab: number, read: StoredToken): World {
  const isNew = read.keys.length === 0;
  const keys = isNew ? [`v${world.keysMade + 1}`] : read.keys;
  const stored =
    isNew && world.stored.gen === read.gen ? { ...world.stored, keys: [...world.stored.keys, ...keys] } : world.stored;
  const request: Request = { tab, gen: read.gen, tag: read.tag, keys, sentAt: world.now };
  return {
    ...world,
    stored,
    keysMade: world.keysMade + (isNew ? 1 : 0),
    read: world.read.with(tab, null),
    waiting: world.waiting.with(tab, true),
    requests: [...world.requests, request],
  };
}

/** Its connection is gone, and with it the answer; the request may still arrive. */
function giveUp(world: World, tab: number): World {
  const answers = world.answers.filter((answer) => answer.tab !== tab);
  return { ...world, answers, waiting: world.waiting.with(tab, false) };
}

function networkMoves(world: World, rules: Rules, bounds: Bounds): WorldMove[] {
  return [
    ...world.requests.flatMap((request, index) => deliveries(world, rules, request, { index, bounds })),
    ...world.answers.map((answer, index) => ({
      label: `tab ${answer.tab} stores generation ${answer.gen}`,
      next: store(world, index),
    })),
    ...world.acks.map((gen, index) => ({
      label: `generation ${gen} is confirmed`,
      next: confirm({ ...world, acks: world.acks.toSpliced(index, 1) }, gen),
    })),
  ];
}

function deliveries(
  world: World,
  rules: Rules,
  request: Request,
  { index, bounds }: { index: number; bounds: Bounds },
): WorldMove[] {
  const until = bounds.deadlineMs === undefined ? world.now + 1 : request.sentAt + bounds.deadlineMs;
  const shown = presentedBy(request, request.keys, until);
  const once = deliver({ ...world, requests: world.requests.toSpliced(index, 1) }, rules, { request, shown });
  if (world.left.duplicates === 0) return [once];
  const left = { ...world.left, duplicates: world.left.duplicates - 1 };
  const twice = deliver({ ...world, left }, rules, { request, shown });
  return [once, { ...twice, label: `${twice.label}, and will again` }];
}

function deliver(
  world: World,
  rules: Rules,
  { request, shown }: { request: Request; shown: RotationRequest },
): WorldMove {
  const { next, verdict, broken } = present(world, rules, shown, 'v');
  const label = `service hears generation ${request.gen} with ${request.keys} of tab ${request.tab}: ${verdict}`;
  if (!next.waiting[request.tab]) return { label, next, broken };
  if (verdict !== 'rotate' && verdict !== 'replay') return { label, next: giveUp(next, request.tab), broken };
  const answer = { tab: request.tab, sentAt: next.now, gen: next.row.gen, tag: next.row.tag };
  return { label, next: { ...next, answers: [...next.answers, answer] }, broken };
}

function present(world: World, rules: Rules, shown: RotationRequest, who: 'v' | 'a') {
  const verdict: RowVerdict = rules.decide(world.row, shown, world.now);
  const broken = brokenBy(world, shown, who, verdict);
  const row = rules.apply(world.row, shown, world.now, verdict);
  return { next: { ...world, row, replaced: remember(world, shown, verdict) }, verdict, broken };
}

function remember({ replaced, now }: World, shown: RotationRequest, verdict: RowVerdict) {
  if (verdict === 'rotate') return [...replaced, { gen: shown.gen, key: shown.keys[0] ?? '', at: now }];
  if (verdict !== 'replay') return replaced;
  return replaced.map((by) => (by.gen === shown.gen ? { ...by, at: now } : by));
}

/** Only a higher generation is stored; its acknowledgement leaves some time afterwards. */
function store(world: World, index: number): World {
  const answer = world.answers[index]!;
  const after = {
    ...world,
    answers: world.answers.toSpliced(index, 1),
    waiting: world.waiting.with(answer.tab, false),
  };
  if (answer.gen <= world.stored.gen) return after;
  return { ...after, stored: { gen: answer.gen, tag: answer.tag, keys: [] }, acks: [...world.acks, answer.gen] };
}

function confirm(world: World, gen: number): World {
  if (world.row.gen !== gen || world.row.confirmed) return world;
  return { ...world, row: { ...world.row, confirmed: true, touchedAt: world.now } };
}

/** Reading and sending is one task of the browser: no time passes in between. */
function clockMoves(world: World, bounds: Bounds): WorldMove[] {
  if (world.left.jumps === 0 || world.read.some((read) => read !== null)) return [];
  const left = { ...world.left, jumps: world.left.jumps - 1 };
  return [11_000, 61_000].map((ms) => {
    const now = world.now + ms;
    const isAlive = ({ sentAt }: { sentAt: number }) => now - sentAt < bounds.latestMs;
    const next = {
      ...world,
      left,
      now,
      requests: bounds.deadlineMs === undefined ? world.requests.filter(isAlive) : world.requests,
      answers: world.answers.filter(isAlive),
    };
    return { label: `${ms / 1000} s pass`, next };
  });
}

function thiefMoves(world: World, bounds: Bounds, rules: Rules): WorldMove[] {
  const { thief, stored } = world;
  if (thief === null) {
    if (bounds.thief === 'idle' && !isIdle(world)) return [];
    return [{ label: 'the thief copies the storage', next: { ...world, thief: { ...stored, stolen: stored.gen } } }];
  }
  const acknowledged: WorldMove = { label: 'the thief acknowledges', next: confirm(world, thief.gen) };
  if (world.left.thief === 0) return [acknowledged];
  const isNew = thief.keys.length === 0;
  const keys = isNew ? [`a${world.keysMade + 1}`] : thief.keys;
  const left = { ...world.left, thief: world.left.thief - 1 };
  const { next, verdict, broken } = present({ ...world, left }, rules, presentedBy(thief, keys, world.now + 1), 'a');
  const holds = verdict === 'rotate' || verdict === 'replay';
  const token = holds ? { gen: next.row.gen, tag: next.row.tag, keys: [] } : { ...thief, keys };
  const after = { ...next, keysMade: world.keysMade + (isNew ? 1 : 0), thief: { ...token, stolen: thief.stolen } };
  const label = `the thief shows generation ${thief.gen} with ${keys}: ${verdict}`;
  return [acknowledged, { label, next: after, broken }];
}

/** Nothing of a rotation is on its way, so that the copy holds a token and no key. */
function isIdle(world: World): boolean {
  const { stored, requests, answers, read } = world;
  return stored.keys.length === 0 && requests.length === 0 && answers.length === 0 && read.every((one) => one === null);
}
