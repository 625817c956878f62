// Letters in a picture. Reading them is left to a function of the job's own, so that no engine comes along with talkbell.
import { ExtractError } from './errors.ts';
import type { Page } from './page.ts';
import { wordsOf } from './thrown.ts';

/**
 * Reads the letters of a picture, given as the bytes of its file, and gives them line by line. What it throws is an
 * ExtractError of `readPicture`.
 *
 * @example
 * // A reader of letters that runs on the same machine and takes a picture by POST:
 * readPicture(await get('https://dorm.example.ac.kr/menu.png'), async (bytes) => {
 *   return (await get('http://127.0.0.1:8884/ocr', { body: bytes })).text;
 * })
 * // '김치찌개\n돈까스'
 */
export type ReadLetters = (bytes: Uint8Array) => Promise<string> | string;

/**
 * The letters in a picture, line by line, read by a function of the job's own. It belongs in `fetch`, the only step that
 * may wait; `extract` then gets the text. White space is collapsed, empty lines are left out.
 *
 * Throws ExtractError when the page is no picture, when the function throws, and when it finds no letters. The time it
 * takes counts against the job's `timeLimit` (2 minutes by default), the bytes against what one page may have (10 MB).
 *
 * @example
 * // npm install tesseract.js, in the folder of the jobs
 * import { createWorker } from 'tesseract.js';
 *
 * async function ocr(bytes: Uint8Array) {
 *   const worker = await createWorker('kor');
 *   try {
 *     return (await worker.recognize(Buffer.from(bytes))).data.text;
 *   } finally {
 *     await worker.terminate();
 *   }
 * }
 *
 * export default defineJob({
 *   schedule: '20 11 * * 1-5',
 *   to: 'me',
 *   fetch: async (get) => {
 *     const page = await get('https://dorm.example.ac.kr/menu');
 *     return readPicture(await get(page.image('.menu img')), ocr);
 *   },
 *   extract: (text) => text.split('\n').map((dish) => ({ dish })),
 *   render: (dishes) => dishes.map(({ dish }) => dish).join('\n'),
 * });
 */
export async function readPicture(page: Page, ocr: ReadLetters): Promise<string> {
  const { url, kind } = page;
  if (kind !== 'image') {
    const instead = kind === 'html' ? ' Get the picture first: get(page.image()).' : '';
    throw new ExtractError(`${url} is no picture, but ${kind}, and has no letters to recognise.${instead}`, { url });
  }
  const lines = linesOf(await recognise(page, ocr));
  if (lines.length > 0) return lines.join('\n');
  throw new ExtractError(`${url}: no letters were recognised in the picture (${page.body.length} bytes).`, { url });
}

async function recognise({ url, body }: Page, ocr: ReadLetters): Promise<string> {
  try {
    return await ocr(body);
  } catch (cause) {
    throw new ExtractError(`${url}: the letters of the picture could not be read: ${wordsOf(cause)}`, { url, cause });
  }
}

function linesOf(text: unknown): readonly string[] {
  if (typeof text !== 'string') return [];
  return text
    .split(/[\n\r]+/)
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '');
}
