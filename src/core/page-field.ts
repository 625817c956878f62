// The small language of fields: `selector`, `selector@attribute`, `@attribute`, each with `?` behind it if it may lack.
export interface Field {
  /** Empty: the element itself. */
  readonly selector: string;
  readonly attribute: string | undefined;
  readonly optional: boolean;
}

/** The last `@` that is neither escaped nor inside brackets, quotes or parentheses begins the attribute's name. */
const ATTRIBUTE = /(?<!\\)@([^\s@"'()[\]]+)\s*$/;

export function readField(text: string): Field {
  const trimmed = text.trim();
  const optional = trimmed.endsWith('?');
  return { ...splitAttribute(optional ? trimmed.slice(0, -1) : trimmed), optional };
}

/** `a.title@href` is the selector `a.title` and the attribute `href`. */
export function splitAttribute(text: string): { readonly selector: string; readonly attribute: string | undefined } {
  const found = ATTRIBUTE.exec(text);
  if (found === null) return { selector: text.trim(), attribute: undefined };
  return { selector: text.slice(0, found.index).trim(), attribute: found[1] };
}
