// The character maps that older Korean PDFs only name: without them their letters would be numbers. Adobe's own maps are
// megabytes of files; what is needed to read text follows from CP949. Numbers of glyphs are ours, as nothing is drawn.
import iconv from 'iconv-lite';

/** Where ASCII stands among the glyphs of Adobe-Korea1, by which fonts give the widths of its letters. */
const ASCII_GLYPH = 1;
const HALF_WIDTH_GLYPH = 8094;
const FIRST_ASCII = 0x20;
const LAST_ASCII = 0x7e;
const FIRST_LETTER = 0x8141;
const LAST_LETTER = 0xfefe;

/** What the reader of PDFs makes an object of, to ask it for a map by name. */
export function makeKoreanMaps(): { fetch: (asked: { kind: string; filename: string }) => Promise<Uint8Array> } {
  return {
    fetch: async ({ filename }) => {
      const map = mapNamed(filename);
      if (map !== undefined) return new TextEncoder().encode(map);
      throw new Error(`the character map ${filename} is not known`);
    },
  };
}

function mapNamed(name: string): string | undefined {
  const [, family, coding, vertical] = /^(KSC|UniKS|Adobe-Korea1)(.*?)(?:-([HV]))?$/.exec(name) ?? [];
  if (family === 'Adobe-Korea1') return coding === '-UCS2' ? toUnicode() : undefined;
  if (family === 'KSC') return wrap([...ascii(2, coding), letters()], { vertical, spaces: '<00> <80>\n<8141> <fefe>' });
  const wide = coding === '-UCS2' || coding === '-UTF16';
  if (family !== 'UniKS' || !wide) return undefined;
  return wrap([...ascii(4, coding), ...fromUnicode()], { vertical, spaces: '<0000> <ffff>' });
}

/** A letter's code is the number of its glyph. */
function letters(): string {
  return `1 begincidrange\n<${hex(FIRST_LETTER)}> <${hex(LAST_LETTER)}> ${FIRST_LETTER}\nendcidrange`;
}

function ascii(digits: 2 | 4, coding = ''): readonly string[] {
  const first = /HW/.test(coding) ? HALF_WIDTH_GLYPH : ASCII_GLYPH;
  return [`1 begincidrange\n<${hex(FIRST_ASCII, digits)}> <${hex(LAST_ASCII, digits)}> ${first}\nendcidrange`];
}

function fromUnicode(): readonly string[] {
  return blocks(
    'cidchar',
    [...korean()].map(([code, letter]) => `<${hex(letter.charCodeAt(0))}> ${code}`),
  );
}

function toUnicode(): string {
  const plain = [ASCII_GLYPH, HALF_WIDTH_GLYPH].map((first) => {
    const last = first + LAST_ASCII - FIRST_ASCII;
    return `1 beginbfrange\n<${hex(first)}> <${hex(last)}> <${hex(FIRST_ASCII)}>\nendbfrange`;
  });
  const all = blocks(
    'bfchar',
    [...korean()].map(([code, letter]) => `<${hex(code)}> <${hex(letter.charCodeAt(0))}>`),
  );
  return wrap([...plain, ...all], { spaces: '<0000> <ffff>' });
}

/** Every letter of CP949 of two bytes, with its code. */
function* korean(): Generator<readonly [code: number, letter: string]> {
  for (let code = FIRST_LETTER; code <= LAST_LETTER; code++) {
    const letter = iconv.decode(Uint8Array.of(code >> 8, code & 0xff), 'cp949');
    if (letter.length === 1 && letter !== '\uFFFD') yield [code, letter];
  }
}

function blocks(kind: string, lines: readonly string[]): readonly string[] {
  return Array.from({ length: Math.ceil(lines.length / 100) }, (_, at) => {
    const block = lines.slice(at * 100, at * 100 + 100);
    return `${block.length} begin${kind}\n${block.join('\n')}\nend${kind}`;
  });
}

function wrap(
  parts: readonly string[],
  { vertical, spaces }: { vertical?: string | undefined; spaces: string },
): string {
  const ranges = `${spaces.split('\n').length} begincodespacerange\n${spaces}\nendcodespacerange`;
  return ['begincmap', `/WMode ${vertical === 'V' ? 1 : 0} def`, ranges, ...parts, 'endcmap'].join('\n');
}

function hex(code: number, digits = 4): string {
  return code.toString(16).padStart(digits, '0');
}
