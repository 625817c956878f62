// How near two names are to each other, as a person who mistyped or a site that renamed would have it.
const LONGEST_NAME = 64;
const SAME_LETTERS = 0.25;
const CONTAINED = 1.5;
const SHARED_WORD = 2.5;

/** From 0 (the same) upwards; undefined for names that have nothing to do with each other. */
export function nearness(asked: string, existing: string): number | undefined {
  if (asked.length > LONGEST_NAME || existing.length > LONGEST_NAME) return undefined;
  const a = letters(asked);
  const b = letters(existing);
  if (a === b) return SAME_LETTERS;
  const most = Math.min(3, Math.floor(Math.max(a.length, 2) / 2));
  const edits = editDistance(a, b, most);
  const inside = Math.min(a.length, b.length) >= 3 && (a.includes(b) || b.includes(a)) ? CONTAINED : undefined;
  if (edits !== undefined) return inside === undefined ? edits : Math.min(edits, inside);
  return inside ?? (sharesWord(asked, existing) ? SHARED_WORD : undefined);
}

function letters(name: string): string {
  return name.toLowerCase().replace(/[-_:]/g, '');
}

function sharesWord(a: string, b: string): boolean {
  const known = new Set(words(a));
  return words(b).some((word) => known.has(word));
}

function words(name: string): readonly string[] {
  return name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_:]/)
    .filter((word) => word.length >= 4);
}

/** Levenshtein's distance; undefined as soon as it is sure to be more than `most`. */
export function editDistance(a: string, b: string, most: number): number | undefined {
  if (Math.abs(a.length - b.length) > most) return undefined;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    if (Math.min(...next) > most) return undefined;
    row = next;
  }
  const distance = row[b.length] ?? 0;
  return distance <= most ? distance : undefined;
}
