// By what a selector can take hold of one element: its id, its classes, its tag. Cheaper ones last longer.
import { type Element, isElement } from './html.ts';
import { isName, isWeak } from './propose-name.ts';

export interface Handle {
  readonly selector: string;
  readonly cost: number;
}

/** Tags that say what is in them. */
const TELLING =
  /^(?:a|b|strong|em|h[1-6]|time|dt|dd|li|tr|article|figcaption|caption|summary|label|main|table|tbody|ul|ol|dl)$/;

export function classesOf({ attribs }: Element): readonly string[] {
  return (attribs['class'] ?? '').split(/\s+/).filter((name) => name !== '' && isName(name));
}

export function idOf({ attribs }: Element): string | undefined {
  const id = attribs['id'];
  return id !== undefined && isName(id) ? id : undefined;
}

/** Without its place among others, which serves only when nothing else does. */
export function handlesOf(element: Element): readonly Handle[] {
  const { name, attribs } = element;
  const id = idOf(element);
  const label = attribs['aria-label'];
  const isLabelled = name === 'td' && label !== undefined && /^[\p{L} ]{1,12}$/u.test(label);
  return [
    ...(id === undefined ? [] : [{ selector: `#${id}`, cost: 0 }]),
    ...classesOf(element).map((each) =>
      isWeak(each) ? { selector: `${name}.${each}`, cost: 2.2 } : { selector: classSelector(name, each), cost: 1 },
    ),
    ...(isLabelled ? [{ selector: `td[aria-label="${label}"]`, cost: 1.2 }] : []),
    { selector: name, cost: TELLING.test(name) ? 1.5 : 2.6 },
  ];
}

/** A person names the tag of a table or a list, for whoever reads the selector. */
function classSelector(tag: string, name: string): string {
  return /^(?:table|ul|ol|dl)$/.test(tag) ? `${tag}.${name}` : `.${name}`;
}

/** `td:nth-child(2)`: breaks when a column is added. */
export function placeOf(element: Element): Handle {
  const place = element.parent?.children.filter(isElement).indexOf(element) ?? 0;
  return { selector: `${element.name}:nth-child(${place + 1})`, cost: 5 };
}
