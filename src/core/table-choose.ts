// Which of several rows or columns of one name is read: one, where nothing of the others is lost by it.
import { splitDish } from './dish-line.ts';
import { isNotEmpty } from './table-headers.ts';
import { type Asked, type Candidate, NAMELESS, patternsOf, several } from './table-problem.ts';

/** A longer text is more than a price, and no name to write in a job. */
const LONGEST_NAME = 30;

/** The index of the one to be read, or undefined of none. Those that say different things are an error. */
export function chooseOne(
  asked: Asked,
  found: readonly Candidate[],
  textOf: (candidate: Candidate) => string,
): number | undefined {
  const names = new Set(found.map(({ heads }) => JSON.stringify(heads)));
  // Below or beside one merged header, blanks and prices belong to the dish that stands with them.
  const speaking = names.size > 1 ? [] : found.filter((candidate) => saysMore(textOf(candidate)));
  const said = speaking.length > 0 ? speaking : found;
  if (new Set(said.map(textOf)).size > 1) throw several(asked, said, advise(asked, said));
  return said[0]?.index;
}

function saysMore(text: string): boolean {
  return text.length > LONGEST_NAME || splitDish(text).name !== '';
}

function advise({ side, name }: Asked, found: readonly Candidate[]): string {
  const word = ownName(found);
  if (word === undefined) return NAMELESS;
  const names = [...patternsOf(name), word].map((each) => (typeof each === 'string' ? `'${each}'` : String(each)));
  return `Name one, such as ${side}: [${names.join(', ')}], or read each with records().`;
}

/** What the last of them has for a name and the others have not. */
function ownName(found: readonly Candidate[]): string | undefined {
  const names = found.map(({ heads, next = '' }) => [...heads, next]);
  const others = names.slice(0, -1).flat();
  const own = names.at(-1)?.filter(isNotEmpty) ?? [];
  return own.find((text) => text.length <= LONGEST_NAME && !others.includes(text));
}
