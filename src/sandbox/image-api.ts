// kapi's images for messages: upload, scrap, delete. Scraping fetches nothing: the sandbox calls no other machine.
import { type Answer, type Asked, json, kapiError } from './answers.ts';
import { checkCaller, isApp } from './kapi-auth.ts';
import type { World } from './world.ts';

const MOST_BYTES = 5 * 1024 * 1024;
const MOST_KEPT = 50;

interface Size {
  readonly type: string;
  readonly width: number;
  readonly height: number;
}

export async function answerUpload(world: World, asked: Asked): Promise<Answer> {
  checkAppOrUser(world, asked);
  const bytes = await readFile(asked);
  if (bytes.length > MOST_BYTES) throw kapiError(-602);
  const size = measureImage(bytes);
  if (size === undefined) throw kapiError(-911);

  const name = world.newSecret();
  world.images.set(name, { bytes, type: size.type });
  for (const oldest of [...world.images.keys()].slice(0, -MOST_KEPT)) world.images.delete(oldest);
  return describe(`${world.origin()}/images/${name}`, { ...size, length: bytes.length });
}

export function answerScrapImage(world: World, asked: Asked): Answer {
  checkAppOrUser(world, asked);
  const url = asked.form?.get('image_url') ?? '';
  if (!URL.canParse(url)) throw kapiError(-2, { msg: 'failed to parse parameter. name=image_url' });
  return describe(url, { type: 'image/png', width: 400, height: 400, length: 1024 });
}

export function answerDeleteImage(world: World, asked: Asked): Answer {
  checkAppOrUser(world, asked);
  const url = asked.query.get('image_url') ?? asked.form?.get('image_url') ?? '';
  if (!URL.canParse(url)) throw kapiError(-2, { msg: 'failed to parse parameter. name=image_url' });
  world.images.delete(url.slice(url.lastIndexOf('/') + 1));
  return json(200, {});
}

function checkAppOrUser(world: World, asked: Asked): void {
  if (!isApp(world, asked, 'restApiKey')) checkCaller(world, asked);
}

function describe(url: string, { type, width, height, length }: Size & { length: number }): Answer {
  return json(200, { infos: { original: { url, content_type: type, length, width, height } } });
}

async function readFile({ headers, body }: Asked): Promise<Buffer> {
  const missing = () => kapiError(-2, { msg: 'failed to parse parameter. name=file' });
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) throw missing();
  try {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    const file = form.get('file');
    if (file instanceof File) return Buffer.from(await file.arrayBuffer());
  } catch {
    throw missing();
  }
  throw missing();
}

/** PNG, GIF and JPEG by their first bytes; undefined for anything else. */
function measureImage(bytes: Buffer): Size | undefined {
  if (bytes.length >= 24 && bytes.readUInt32BE(0) === 0x89504e47) {
    return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  }
  if (bytes.length >= 10 && bytes.toString('latin1', 0, 4) === 'GIF8') {
    return { type: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  }
  return bytes.length >= 4 && bytes.readUInt16BE(0) === 0xffd8 ? measureJpeg(bytes, 2) : undefined;
}

function measureJpeg(bytes: Buffer, start: number): Size | undefined {
  for (let at = start; at + 9 <= bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { type: 'image/jpeg', width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
  }
  return undefined;
}
