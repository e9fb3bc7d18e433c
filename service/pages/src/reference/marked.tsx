/** Lines of text: those of a list begin with `- `, and code is between backticks. */
export function Marked({ text }: { readonly text: string }) {
  const lines = text.split('\n').filter((line) => line !== '');
  return (
    <>
      {lines.map((line) => (
        <p key={line} class={line.startsWith('- ') ? 'item' : undefined}>
          {line
            .replace(/^- /, '')
            .split('`')
            .map((part, at) => (at % 2 === 0 ? part : <code key={at}>{part}</code>))}
        </p>
      ))}
    </>
  );
}
