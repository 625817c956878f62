// A page that is a PDF: its text by position and the lines drawn on it, page by page. The reader is loaded when the first
// PDF comes, runs in the worker, never draws, fetches nothing, and what it cannot read is an ExtractError kept until the
// job asks for the text.
import { ExtractError } from './errors.ts';
import { makeKoreanMaps } from './page-pdf-korean.ts';
import type { PdfWord } from './page-pdf-lines.ts';
import type { Rule } from './page-pdf-path.ts';
import { type Codes, makeRuleReader, type Operators } from './page-pdf-rules.ts';
import { snippet } from './page-text.ts';

/** A PDF with more pages is a book. */
const MOST_PAGES = 200;
/** Pieces of text in all pages: a hundred times what a full page of them has. */
const MOST_WORDS = 200_000;
/** Operators that draw all pages: what two seconds are enough for. */
const MOST_OPERATORS = 400_000;

export interface PdfSource {
  readonly url: string;
  readonly body: Uint8Array;
  /** Reading ends with an error between two pages once this is aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface PdfPage {
  readonly words: readonly PdfWord[];
  /** The lines drawn on it, straight and upright. Undefined when there are more than are read. */
  readonly rules: readonly Rule[] | undefined;
}

/** Throws ExtractError for a PDF that is locked, broken, too long, or has no text. */
export async function readPdf(source: PdfSource): Promise<readonly PdfPage[]> {
  try {
    const pages = await readPages(source);
    if (pages.some(({ words }) => words.length > 0)) return pages;
  } catch (cause) {
    source.signal?.throwIfAborted();
    throw refusal(source.url, cause);
  }
  const hint =
    'It is probably a scan: turn its pages into pictures and read them with readPicture(page, ocr), ' +
    'or look for the same page as HTML or HWP.';
  throw new ExtractError(`${source.url} is a PDF without any text. ${hint}`, { url: source.url });
}

type TextContent = Awaited<ReturnType<Shown['getTextContent']>>;
type Shown = Awaited<ReturnType<Pdf['getPage']>>;
type Pdf = Awaited<ReturnType<typeof import('unpdf').getDocumentProxy>>;

async function readPages({ url, body, signal }: PdfSource): Promise<readonly PdfPage[]> {
  const { getDocumentProxy, getResolvedPDFJS } = await import('unpdf');
  // A copy: the reader takes the bytes away from whoever hands them over, and refuses a Buffer.
  const pdf = await getDocumentProxy(new Uint8Array(body), QUIET);
  try {
    if (pdf.numPages > MOST_PAGES) throw tooLong(url, `has ${pdf.numPages} pages, more than the ${MOST_PAGES}`);
    const { OPS: codes } = await getResolvedPDFJS();
    const pages: PdfPage[] = [];
    const left = { words: MOST_WORDS, operators: MOST_OPERATORS };
    for (let number = 1; number <= pdf.numPages; number++) {
      signal?.throwIfAborted();
      const page = await pdf.getPage(number);
      const words = await readWords(page, left.words);
      if (words === undefined) throw tooLong(url, `has more than the ${MOST_WORDS} pieces of text`);
      left.words -= words.length;
      pages.push({ words, rules: words.length === 0 ? [] : await readRules(page, { codes, left }) });
      page.cleanup();
    }
    return pages;
  } finally {
    await pdf.loadingTask.destroy();
  }
}

/** Errors only, no fonts of the machine, no pictures, nothing fetched. */
const QUIET = {
  verbosity: 0,
  maxImageSize: 0,
  disableFontFace: true,
  useSystemFonts: false,
  isOffscreenCanvasSupported: false,
  isImageDecoderSupported: false,
  enableXfa: false,
  useWorkerFetch: false,
  useWasm: false,
  cMapPacked: false,
  BinaryDataFactory: makeKoreanMaps,
} as const;

/** Undefined when there are more than there is room for; the rest of the page is then not read. */
async function readWords(page: Shown, room: number): Promise<readonly PdfWord[] | undefined> {
  const { transform } = page.getViewport({ scale: 1 });
  const reader: ReadableStreamDefaultReader<TextContent> = page.streamTextContent().getReader();
  const words: PdfWord[] = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    for (const item of part.value.items)
      if ('str' in item && item.str.trim() !== '') words.push(place(item, transform));
    if (words.length > room) return stop(reader);
  }
  return words;
}

/** The kinds of operators asked of pdf.js: as a screen shows them (2), no annotations (64), as a plain list (256). */
const INTENT = 2 | 64 | 256;

/** Undefined when there are more than are read. */
async function readRules(
  page: Shown,
  { codes, left }: { readonly codes: Codes; readonly left: { operators: number } },
): Promise<readonly Rule[] | undefined> {
  if (left.operators < 0) return undefined;
  // The public getOperatorList keeps all of a page's operators: a million lines are more memory than a worker has.
  const asked = { pageId: page.pageNumber - 1, pageIndex: page.pageNumber - 1, intent: INTENT, cacheKey: '' };
  const drawn: ReadableStream<Operators> = page._transport.messageHandler.sendWithStream('GetOperatorList', {
    ...asked,
    annotationStorage: null,
    modifiedIds: null,
  });
  const reader = drawn.getReader();
  const { read, rules } = makeRuleReader(page.getViewport({ scale: 1 }).transform, codes);
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    left.operators -= part.value.fnArray.length;
    if (left.operators >= 0 && read(part.value)) continue;
    return stop(reader);
  }
  return rules;
}

/** Not waited for: the reader of PDFs leaves it unanswered when it has just come to its own end. */
function stop(reader: ReadableStreamDefaultReader<unknown>): undefined {
  reader.cancel(new Error('enough')).catch(() => undefined);
}

interface Item {
  readonly str: string;
  readonly width: number;
  readonly transform: readonly number[];
}

/** Of a letter's height above its base line, in font sizes. */
const MIDDLE = 0.35;

/** From the coordinates of the PDF to those of the page as it is shown: down from the top, turned as the page is. */
function place({ str, width, transform }: Item, view: readonly number[]): PdfWord {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = transform;
  const [va = 1, vb = 0, vc = 0, vd = -1, ve = 0, vf = 0] = view;
  const [upX, upY] = [va * c + vc * d, vb * c + vd * d];
  const [onX, onY] = [va * a + vc * b, vb * a + vd * b];
  const [x, y] = [va * e + vc * f + ve, vb * e + vd * f + vf];
  const half = Math.abs(width) / 2 / (Math.hypot(onX, onY) || 1);
  return {
    text: str.normalize('NFC'),
    x,
    y,
    width: Math.abs(width),
    height: Math.hypot(upX, upY) || Math.hypot(a, b) || 1,
    middleX: x + half * onX + MIDDLE * upX,
    middleY: y + half * onY + MIDDLE * upY,
  };
}

function tooLong(url: string, what: string): ExtractError {
  return new ExtractError(`${url} is a PDF that ${what} talkbell reads. Its bytes are in page.body.`, { url });
}

function refusal(url: string, cause: unknown): ExtractError {
  if (cause instanceof ExtractError) return cause;
  const { name, message } = cause instanceof Error ? cause : { name: '', message: String(cause) };
  if (name === 'PasswordException') {
    const hint = 'Ask whoever publishes it for one without, or look for the same page as HTML.';
    return new ExtractError(`${url} is a PDF locked with a password, and cannot be read. ${hint}`, { url, cause });
  }
  const hint = 'It may be damaged or only half there: open it in a browser to see.';
  return new ExtractError(`${url} is a PDF that cannot be read (${snippet(message, 80)}). ${hint}`, { url, cause });
}
