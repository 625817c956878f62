// What a person reads in an element: text without scripts and comments, white space collapsed, line breaks where a
// browser breaks the line. Walks without recursion.
import { type Element, isElement, isParent, type Node } from './html.ts';

const UNREAD = new Set('script style template noscript iframe noframes noembed title datalist'.split(' '));
const BLOCKS = new Set(
  `address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure
  footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav ol optgroup option p pre
  search section select summary table tbody td textarea tfoot th thead tr ul`.split(/\s+/),
);
/** White space that is more or other than one space: most texts have none, and are left as they are. */
const WIDE = /\s{2,}|[^\S ]/g;
const INVISIBLE = /[\u00AD\u200B\u2060]/g;

/** In one line. */
export function readText(node: Node, xml: boolean): string {
  return collapse(readBroken(node, xml));
}

/** The title of a page among all of these; pictures in it have titles too. */
export function readTitle(titles: readonly Element[], xml: boolean): string | undefined {
  const title = titles.find(({ parent }) => parent?.type !== 'tag' || parent.name !== 'svg');
  return title === undefined ? undefined : readText(title, xml);
}

/** Cut at `<br>`, at block elements and at newlines; no line is empty. */
export function readLines(node: Node, xml: boolean): readonly string[] {
  return readBroken(node, xml)
    .split(/[\n\r]/)
    .map(collapse)
    .filter((line) => line !== '');
}

function collapse(text: string): string {
  return text.replace(INVISIBLE, '').replace(WIDE, ' ').trim();
}

/** The start of a text, for an error message. */
export function snippet(text: string, most = 40): string {
  const line = collapse(text.slice(0, most * 20));
  return line.length <= most ? line : `${line.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function readBroken(root: Node, xml: boolean): string {
  const only = isParent(root) && root.children.length === 1 ? root.children[0] : undefined;
  if (only?.type === 'text') return only.data;
  const pieces: string[] = [];
  const stack: (Node | '\n')[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === '\n') pieces.push(node);
    else if (node.type === 'text') pieces.push(node.data);
    else if (isParent(node) && (node === root || isRead(node, xml))) pushChildren(stack, node, breaks(node, xml));
  }
  return pieces.join('');
}

function pushChildren(stack: (Node | '\n')[], { children }: { readonly children: readonly Node[] }, broken: boolean) {
  if (broken) stack.push('\n');
  for (let index = children.length - 1; index >= 0; index--) {
    const child = children[index];
    if (child !== undefined) stack.push(child);
  }
  if (broken) stack.push('\n');
}

function isRead(node: Node, xml: boolean): boolean {
  return xml || !isElement(node) || !UNREAD.has(node.name);
}

function breaks(node: Node, xml: boolean): boolean {
  return isElement(node) && (xml || BLOCKS.has(node.name));
}
