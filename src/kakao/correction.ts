// Marks what is said once more because the page has changed since: whoever read the first must see that it no longer holds.
import type { DefaultTemplate, Saying } from './template.ts';

const MARK = '[정정]';

/** Marks the first of them. A template whose words are not ours to change gets a line of its own before it. */
export function markCorrection(sayings: readonly Saying[]): readonly Saying[] {
  const [first, ...rest] = sayings;
  if (first === undefined) return [];
  switch (first.kind) {
    case 'text':
      return [{ ...first, text: marked(first.text) }, ...rest];
    case 'default':
      return [{ ...first, object: markTemplate(first.object) }, ...rest];
    case 'custom':
    case 'scrap':
      return [{ kind: 'text', text: MARK }, first, ...rest];
  }
}

function markTemplate(object: DefaultTemplate): DefaultTemplate {
  switch (object.object_type) {
    case 'text':
      return { ...object, text: marked(object.text) };
    case 'list':
      return { ...object, header_title: marked(object.header_title) };
    default:
      return { ...object, content: { ...object.content, title: marked(object.content.title ?? '') } };
  }
}

function marked(text: string): string {
  return `${MARK} ${text}`.trimEnd();
}
