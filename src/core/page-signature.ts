// The first bytes by which a file is known, whatever its name and the server say.

interface Signature {
  readonly kind: 'pdf' | 'image' | 'file';
  /** What people call it, with its article. */
  readonly name: (body: Uint8Array, filename: string | undefined) => string;
}

const SIGNATURE_BYTES = 64;
const HEAD_BYTES = 1024;

/** In hexadecimal, from the first byte. */
const SIGNATURES: readonly (readonly [pattern: RegExp, kind: Signature['kind'], name: string | Signature['name']])[] = [
  [/^(?:efbbbf)?(?:0[9ad]|20)*255044462d/, 'pdf', 'a PDF'],
  [/^89504e470d0a/, 'image', 'a PNG picture'],
  [/^ffd8ff/, 'image', 'a JPEG picture'],
  [/^474946383[79]61/, 'image', 'a GIF picture'],
  [/^52494646.{8}57454250/, 'image', 'a WebP picture'],
  [/^424d.{8}00000000/, 'image', 'a BMP picture'],
  [/^00000100(?!00)/, 'image', 'an icon'],
  [/^(?:49492a00|4d4d002a)/, 'image', 'a TIFF picture'],
  [/^000000..66747970617669(?:66|73)/, 'image', 'an AVIF picture'],
  [/^000000..66747970(?:686569|6d696631|6d736631)/, 'image', 'a HEIF picture'],
  [/^504b(?:0304|0506)/, 'file', nameZip],
  [/^d0cf11e0a1b11ae1/, 'file', nameCompound],
  [/^48575020446f63756d656e742046696c652056/, 'file', 'an HWP document'],
  [/^1f8b08/, 'file', 'a gzip archive'],
  [/^377abcaf271c/, 'file', 'a 7z archive'],
  [/^526172211a07/, 'file', 'a RAR archive'],
  [/^000000..66747970/, 'file', 'a video'],
  [/^(?:4944330[234]|4f67675300|52494646.{8}57415645)/, 'file', 'a sound file'],
  [/^(?:774f46(?:46|32)|0001000000|4f54544f00)/, 'file', 'a font'],
];

export function readSignature(body: Uint8Array, contentType: string): Signature | undefined {
  const head = Array.from(body.subarray(0, SIGNATURE_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const found = SIGNATURES.find(([pattern]) => pattern.test(head));
  if (found === undefined) return isLatePdf(body, contentType) ? { kind: 'pdf', name: () => 'a PDF' } : undefined;
  const [, kind, name] = found;
  return { kind, name: typeof name === 'string' ? () => name : name };
}

/** Readers of PDFs bear up to a kilobyte of something else before the beginning. */
function isLatePdf(body: Uint8Array, contentType: string): boolean {
  if (!/^\s*application\/(?:pdf|octet-stream|x-)/i.test(contentType)) return false;
  return /%PDF-\d/.test(letters(body.subarray(0, HEAD_BYTES)));
}

/** Office documents of the newer kind are ZIP archives. */
function nameZip(body: Uint8Array, filename: string | undefined): string {
  const head = letters(body.subarray(0, 8192));
  if (head.includes('application/hwp+zip')) return 'an HWPX document';
  if (/xl\/(?:workbook|_rels|worksheets|styles)/.test(head)) return 'an XLSX spreadsheet';
  if (/word\/(?:document|_rels|styles)/.test(head)) return 'a DOCX document';
  if (/ppt\/(?:presentation|_rels|slides)/.test(head)) return 'a PPTX presentation';
  const ending = /\.(hwpx|xlsx|docx|pptx|cell|show)$/i.exec(filename ?? '')?.[1];
  return ending === undefined ? 'a ZIP archive' : `a file of the kind ${ending.toUpperCase()}`;
}

/** Office documents of the older kind, and HWP 5, are small file systems whose names are in UTF-16. */
function nameCompound(body: Uint8Array): string {
  const all = letters(body).replaceAll('\0', '');
  if (/HWP Document File|HwpSummaryInformation/.test(all)) return 'an HWP document';
  if (all.includes('WordDocument')) return 'a DOC document';
  if (all.includes('PowerPoint Document')) return 'a PPT presentation';
  return /Workbook|Book/.test(all) ? 'an XLS spreadsheet' : 'an Office document';
}

function letters(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}
