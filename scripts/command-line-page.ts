import { type CommandRow, type CommandTerm, describeCommands } from '@latchkey/service';

/** docs/reference/command-line.md, from the tree of commands. */
export function commandLinePage(): string {
  return `# Command line

\`latchkey\` is the program of the package \`@latchkey/service\`. In this repository it is \`node service/dist/main.js\`, in a container the
arguments of the image. Without a command it runs \`serve\`. Settings are environment variables ([config.md](config.md)).

- **Data** goes to the standard output, notes and errors to the standard error output. The log of \`serve\` goes to the standard output.
- **A list** has a line of names, then one row a line, with cells separated by tabs. Anything else has one member a line. \`-\` is no value.
- **\`--json\`** prints data as JSON, with all members. Every command takes it.
- **\`--help\`** shows the options and an example of every command. \`--version\` prints the version.
- **The exit code** is 0 when the command is done, 1 when something was refused or failed, 2 for an unknown command, option or value.
- **A reader that ends early**, such as \`head\`, is no failure: a change is completed, a list is read no further, and what became of an import or
  a drill goes to the standard error output. An output that cannot be written, such as a file on a full disk, makes the exit code 1, and a change
  is completed as well.
- **The database** is that of \`DATABASE_URL\`, while nodes run or not. With the embedded database the running service does the command, over
  \`control.sock\` in \`LATCHKEY_DATA_DIR\`, or the command opens the folder itself if none runs.

On PostgreSQL commands need the \`LATCHKEY_SECRET\` of the nodes, but \`migrate\` does not.

${describeCommands().map(toChapter).join('\n')}`;
}

function toChapter({ verbs, ...row }: CommandRow): string {
  return verbs.length === 0
    ? toSection(row, '##')
    : `## ${row.name}\n\n${row.description}\n\n${verbs.map((verb) => toSection(verb, '###')).join('\n')}`;
}

function toSection(row: Omit<CommandRow, 'verbs'>, heading: string): string {
  const terms = [...row.arguments, ...row.options];
  const table =
    terms.length === 0 ? '' : `\n| argument or option | means |\n|---|---|\n${terms.map(toRow).join('\n')}\n`;
  const examples = row.examples.map((line) => `latchkey ${line}`).join('\n');
  return `${heading} ${row.name}\n\n${row.description}\n\n\`\`\`sh\n${examples}\n\`\`\`\n${table}`;
}

const toRow = ({ term, description }: CommandTerm) => `| \`${escapeCell(term)}\` | ${escapeCell(description)} |`;

const escapeCell = (text: string) => text.replaceAll('|', '\\|');
