/** A paragraph, or an item of a list. */
interface Block {
  readonly isItem: boolean;
  readonly text: string;
}

/** Splits a text: a blank line ends a paragraph, `- ` begins an item, and any other line continues the one before. */
export function splitBlocks(text: string): readonly Block[] {
  return text.split(/\n(?:[ \t]*\n)+|\n(?=- )/).flatMap((block) => {
    const joined = block.trim().replaceAll(/\s*\n\s*/g, ' ');
    if (joined === '') return [];
    return [{ isItem: joined.startsWith('- '), text: joined.replace(/^- /, '') }];
  });
}

/** Text with paragraphs, lists, and code between backticks. */
export function Marked({ text }: { readonly text: string }) {
  return (
    <div class="marked">
      {splitBlocks(text).map((block) => (
        <p key={block.text} class={block.isItem ? 'item' : undefined}>
          <MarkedLine text={block.text} />
        </p>
      ))}
    </div>
  );
}

/** Text with code between backticks. */
export function MarkedLine({ text }: { readonly text: string }) {
  return <>{text.split('`').map((part, at) => (at % 2 === 0 ? part : <code key={at}>{part}</code>))}</>;
}
