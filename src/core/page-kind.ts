// What a page is made of: HTML, XML or JSON. Servers often say it wrong, so the text itself has a word in it.
export type PageKind = 'html' | 'xml' | 'json' | 'other';

const BINARY = /^(?:image|audio|video|font)\/|^application\/(?:pdf|zip|octet-stream|x-hwp|haansofthwp|vnd\.)/;
const PROLOGUE = /^(?:\s+|<\?[^>]{0,1000}>|<!--[\s\S]*?-->|<!doctype[^>]{0,1000}>)+/i;

export function readKind(text: string, contentType: string): PageKind {
  const declared = contentType.toLowerCase();
  const start = text.trimStart();
  if (/[/+]json\b/.test(declared)) return start.startsWith('<') ? markupKind(start, '') : 'json';
  if (/^[{[]/.test(start) && isJson(start)) return 'json';
  if (BINARY.test(declared) && !start.startsWith('<')) return 'other';
  return markupKind(start, declared);
}

function markupKind(start: string, declared: string): 'html' | 'xml' {
  const head = start.slice(0, 20_000);
  const root = /^<([\w:.-]+)/.exec(head.replace(PROLOGUE, ''))?.[1]?.toLowerCase();
  if (root === 'html') return 'html';
  if (root === 'rss' || root === 'feed' || root === 'rdf:rdf') return 'xml';
  if (declared.includes('xhtml')) return 'html';
  return root !== undefined && (/[/+]xml\b/.test(declared) || head.startsWith('<?xml')) ? 'xml' : 'html';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Not JSON is an answer here, not a failure: the text is then read as markup.
    return false;
  }
}
