// Reads the little of YAML that lists of cases are written in: names at the margin, and below each name, keys with a
// plain or quoted text, a block of text, or something nested, which is left as it is written.

export type Case = Readonly<Record<string, string>>;

export function readCases(text: string): ReadonlyMap<string, Case> {
  const lines = text.split('\n');
  const cases = new Map<string, Record<string, string>>();
  let current: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.trim() === '' || /^\s*#/.test(line)) continue;
    if (/^\S/.test(line)) {
      current = {};
      cases.set(line.replace(/:\s*$/, ''), current);
      continue;
    }
    const [, indent = '', key = '', rest = ''] = /^(\s+)([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (key === '') throw new Error(`line ${at + 1} is YAML this cannot read: ${line}`);
    const end = endOfBlock(lines, at + 1, indent.length);
    current[key] = readValue(rest, lines.slice(at + 1, end));
    at = end - 1;
  }
  return cases;
}

/** The first line that is not indented deeper; empty ones belong to the block. */
function endOfBlock(lines: readonly string[], from: number, indent: number): number {
  const end = lines.slice(from).findIndex((line) => line.trim() !== '' && line.search(/\S/) <= indent);
  return end < 0 ? lines.length : from + end;
}

function readValue(rest: string, block: readonly string[]): string {
  if (/^\|[+-]?$/.test(rest)) return readBlock(rest, block);
  if (rest.startsWith('"')) return JSON.parse(rest);
  if (rest.startsWith("'")) return rest.slice(1, -1).replaceAll("''", "'");
  return [rest, ...block.map((line) => line.trim())].join('\n').trim();
}

function readBlock(mark: string, block: readonly string[]): string {
  const indent = Math.min(...block.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  const text = block
    .map((line) => line.slice(indent))
    .join('\n')
    .replace(/\n*$/, '');
  return mark.endsWith('-') ? text : `${text}\n`;
}
