// PDFs made by hand for tests: Korean letters at given places, in a font that is only named, with the table of letters
// (ToUnicode) that makes them text.
import { deflateSync } from 'node:zlib';

export interface Placed {
  readonly text: string;
  /** In points from the upper left corner of a page of 595 by 842; `y` is the base line. */
  readonly x: number;
  readonly y: number;
  readonly size?: number;
}

interface PdfOptions {
  /** Entries of the trailer, and objects behind all others. */
  readonly trailer?: string;
  readonly extra?: readonly string[];
  /** In the place of each page's own stream. */
  readonly stream?: string;
  /** Operators before the texts of every page, in the PDF's own coordinates: up from the lower left corner. */
  readonly drawn?: string;
  /** Turns every page, in degrees. */
  readonly rotate?: number;
}

const HEIGHT = 842;

export function pdfOf(pages: readonly (readonly Placed[])[], options: PdfOptions = {}): Uint8Array {
  // The space comes first, to be the one narrow letter.
  const letters = [...new Set([' ', ...pages.flat().flatMap(({ text }) => [...text])])];
  const kids = pages.map((_, index) => `${6 + index * 2} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type0 /BaseFont /Malgun /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>',
    '<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Malgun /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 /W [1 [300]] /FontDescriptor << /Type /FontDescriptor /FontName /Malgun '.concat(
      DESCRIPTOR,
      ' >> >>',
    ),
    streamOf(toUnicode(letters)),
    ...pages.flatMap((page, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 ${HEIGHT}] /Rotate ${options.rotate ?? 0} /Resources << /Font << /F 3 0 R >> >> /Contents ${7 + index * 2} 0 R >>`,
      options.stream ?? streamOf([options.drawn ?? '', ...page.map((placed) => show(placed, letters))].join('\n')),
    ]),
    ...(options.extra ?? []),
  ];
  return assemble(objects, options.trailer ?? '');
}

const DESCRIPTOR =
  '/Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 900 /Descent -200 /CapHeight 700 /StemV 80';

/** One line in a font that is neither in the file nor says what its codes mean, but by the name of Adobe's map. */
export function pdfByMap(map: string, codes: Uint8Array): Uint8Array {
  const content = `BT /F 10 Tf 1 0 0 1 60 700 Tm <${Buffer.from(codes).toString('hex')}> Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 5 0 R >> >> /Contents 4 0 R >>',
    streamOf(content),
    `<< /Type /Font /Subtype /Type0 /BaseFont /HYSMyeongJo-Medium /Encoding /${map} /DescendantFonts [6 0 R] >>`,
    `<< /Type /Font /Subtype /CIDFontType2 /BaseFont /HYSMyeongJo-Medium /CIDSystemInfo << /Registry (Adobe) /Ordering (Korea1) /Supplement 1 >> /DW 1000 /W [1 95 500 8094 8188 500] /FontDescriptor << /Type /FontDescriptor /FontName /HYSMyeongJo-Medium ${DESCRIPTOR} >> >>`,
  ];
  return assemble(objects, '');
}

function show({ text, x, y, size = 10 }: Placed, letters: readonly string[]): string {
  const codes = [...text].map((letter) => hex(letters.indexOf(letter) + 1)).join('');
  return `BT /F ${size} Tf 1 0 0 1 ${x} ${HEIGHT - y} Tm <${codes}> Tj ET`;
}

function toUnicode(letters: readonly string[]): string {
  const lines = letters.map((letter, index) => `<${hex(index + 1)}> <${[...letter].map(unitsOf).join('')}>`);
  const blocks = Array.from({ length: Math.ceil(lines.length / 100) }, (_, at) =>
    lines.slice(at * 100, at * 100 + 100),
  );
  return `/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def
1 begincodespacerange <0000> <ffff> endcodespacerange
${blocks.map((block) => `${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`).join('\n')}
endcmap end end`;
}

function unitsOf(letter: string): string {
  return Array.from({ length: letter.length }, (_, at) => hex(letter.charCodeAt(at))).join('');
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0');
}

/** A stream object, packed as most are. */
export function streamOf(content: string | Uint8Array): string {
  const packed = deflateSync(content).toString('latin1');
  return `<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n${packed}\nendstream`;
}

export function assemble(objects: readonly string[], trailer: string): Uint8Array {
  let text = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n';
  const places = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join('')}`;
  const end = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(text + table + end, 'latin1');
}
