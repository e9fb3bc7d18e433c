import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What is wrong with a subject, as ends of a sentence that begins with "the subject". */
type Problems = readonly string[];

const maxLength = 72;
const types = ['build', 'chore', 'ci', 'docs', 'feat', 'fix', 'perf', 'refactor', 'revert', 'style', 'test'];
const form = /^(?<type>[a-z]+)(?:\((?<scope>[a-z0-9-]+)\))?!?: (?<clause>\S.*)$/;
/** Past tense, participle or third person, unless it is one of the imperatives below. */
const otherForm = /(?:[^e]ed|ing|[^s]s)$/;
const imperatives = new Set(['alias', 'bring', 'embed', 'focus', 'ping', 'ring', 'shed', 'shred', 'string']);
/** Words that begin a statement. */
const noVerb =
  /^(?:an?|all|any|as|at|by|each|every|for|from|if|in|it|no|nobody|of|on|one|only|some|the|this|that|what|when|where|which|who|with)$/;

/**
 * Checks the subject of a commit: `type(scope): clause` of at most 72 characters, where the scope is the name of a folder and
 * the clause is a single one in the imperative, as far as its first word shows.
 *
 * @returns the problems, none for a good subject
 * @example
 * checkSubject('fix(session): keep the token of a tab that sleeps', new Set(['session'])); // []
 */
export function checkSubject(subject: string, folders: ReadonlySet<string>): Problems {
  const { type = '', scope, clause } = form.exec(subject)?.groups ?? {};
  if (clause === undefined) return ['is not of the form "type(scope): clause"'];
  return [
    ...(subject.length > maxLength ? [`has ${subject.length} characters, more than ${maxLength}`] : []),
    ...(types.includes(type) ? [] : [`has the unknown type "${type}"; the types are ${types.join(', ')}`]),
    ...(scope === undefined || folders.has(scope) ? [] : [`has the scope "${scope}", which is no folder's name`]),
    ...checkClause(clause),
  ];
}

function checkClause(clause: string): Problems {
  const first = clause.split(/[\s,]/)[0]!;
  return [
    ...(/[;.!?](?:\s|$)/.test(clause) ? ['has more than one clause, or a full stop'] : []),
    ...(/^[a-z][a-z-]*$/.test(first) ? [] : [`does not begin with a verb in lower case, but with "${first}"`]),
    ...(isImperative(first) ? [] : [`is not in the imperative: "${first}"`]),
  ];
}

function isImperative(word: string): boolean {
  return imperatives.has(word) || !(otherForm.test(word) || noVerb.test(word));
}

/** Names of the folders that hold these files; a hidden one without its dot. */
export function folderNames(files: readonly string[]): Set<string> {
  return new Set(files.flatMap((file) => file.split('/').slice(0, -1)).map((name) => name.replace(/^\./, '')));
}

function git(repository: string, ...args: readonly string[]): string[] {
  const output = execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return output.split('\n').filter(Boolean);
}

/** The files of a commit, by their paths. */
function filesOf(repository: string, commit: string): string[] {
  return git(repository, 'ls-tree', '-r', '--name-only', commit);
}

/**
 * Checks each commit of a range except merges. Its scope may name a folder of its own tree, or one that it removed.
 *
 * @returns a sentence for each problem
 * @throws Error when git does not know the range
 */
export function checkRange(range: string, repository = '.'): string[] {
  return git(repository, 'log', '--no-merges', '--format=%h%x09%p%x09%s', range, '--').flatMap((line) => {
    const [commit = '', parents = '', subject = ''] = line.split('\t');
    const trees = [commit, ...parents.split(' ').filter(Boolean)];
    const folders = folderNames(trees.flatMap((tree) => filesOf(repository, tree)));
    return toSentences(`${commit} "${subject}"`, checkSubject(subject, folders));
  });
}

/** Checks a message that git is about to commit. Merges pass, and so do commits that a rebase will fold into others. */
function checkFile(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const subject = lines.find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  if (/^(?:Merge |fixup! |squash! |amend! )/.test(subject)) return [];
  const folders = folderNames([...git('.', 'ls-files'), ...filesOf('.', 'HEAD')]);
  return toSentences(`"${subject}"`, checkSubject(subject, folders));
}

function toSentences(name: string, problems: Problems): string[] {
  return problems.map((problem) => `${name}: the subject ${problem}`);
}

function run([first, second]: readonly string[]): string[] {
  if (first === '--file' && second !== undefined) return checkFile(second);
  if (first !== undefined && first !== '--file') return checkRange(first);
  return ['usage: npm run check:commits -- RANGE, such as main..HEAD'];
}

if (process.argv[1]?.endsWith('scripts/check-commit-message.ts')) {
  const problems = run(process.argv.slice(2));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
