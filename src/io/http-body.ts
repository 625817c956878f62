// Reads a body to its end, never beyond a limit: on the wire, at every layer of compression, and unpacked.
// Unpacked with node:zlib, not undici's decompress interceptor: that one is experimental, hands on encodings it does not
// know as if they were text, and fails on the raw deflate some servers send.
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, constants, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';

const MAX_LAYERS = 3;
/** RFC 9659: what a receiver has to bear. */
const ZSTD_WINDOW_LOG = 23;

/** A body that is too large or cannot be unpacked: asking again gives the same. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
}

export interface BodyOptions {
  /** The Content-Encoding header. */
  readonly encoding: string | undefined;
  readonly length: string | undefined;
  readonly maxBytes: number;
}

type Unpack = (bytes: Uint8Array, maxOutputLength: number) => Promise<Uint8Array>;

const UNPACK: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ['gzip', (bytes, maxOutputLength) => promisify(gunzip)(bytes, { maxOutputLength })],
  ['x-gzip', (bytes, maxOutputLength) => promisify(gunzip)(bytes, { maxOutputLength })],
  ['deflate', (bytes, maxOutputLength) => promisify(isZlib(bytes) ? inflate : inflateRaw)(bytes, { maxOutputLength })],
  ['br', (bytes, maxOutputLength) => promisify(brotliDecompress)(bytes, { maxOutputLength })],
  ['zstd', unpackZstd],
]);

/** Throws BodyError, or the stream's own error when the body breaks off. */
export async function readBody(body: Readable, { encoding, length, maxBytes }: BodyOptions): Promise<Uint8Array> {
  if (Number(length) > maxBytes) throw tooLarge(maxBytes);

  const layers = readLayers(encoding);
  let bytes = await readLimited(body, maxBytes);
  for (const layer of layers) {
    // A server that has nothing to say may still name an encoding.
    if (bytes.length === 0) return bytes;
    bytes = await unpack(bytes, layer, maxBytes);
  }
  return bytes;
}

async function readLimited(body: Readable, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The encodings in the order in which they are to be taken off. */
function readLayers(encoding = ''): readonly string[] {
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const layers = names.filter((name) => name !== '' && name !== 'identity' && name !== 'none').reverse();
  const unknown = layers.find((name) => !UNPACK.has(name));
  if (unknown !== undefined)
    throw new BodyError(`is packed with the content-encoding '${unknown}', which talkbell cannot unpack`);
  if (layers.length > MAX_LAYERS)
    throw new BodyError(`is packed ${layers.length} times over, more than ${MAX_LAYERS} is refused`);
  return layers;
}

async function unpack(bytes: Uint8Array, layer: string, maxBytes: number): Promise<Uint8Array> {
  const open = UNPACK.get(layer);
  if (open === undefined) return bytes;
  try {
    return await open(bytes, maxBytes);
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(maxBytes);
    throw new BodyError(`says it is packed with ${layer}, but cannot be unpacked`, { cause: error });
  }
}

function unpackZstd(bytes: Uint8Array, maxOutputLength: number): Promise<Uint8Array> {
  const params = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG };
  return promisify(zstdDecompress)(bytes, { maxOutputLength, params });
}

/** The two bytes a zlib stream begins with (RFC 1950). */
function isZlib(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}

function tooLarge(maxBytes: number): BodyError {
  const limit = maxBytes >= 1_000_000 ? `${Math.round(maxBytes / 1_000_000)} MB` : `${maxBytes} bytes`;
  return new BodyError(`is larger than the ${limit} talkbell reads of one page`);
}
