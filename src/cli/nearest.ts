// The names a person may have meant: for the error of a name that does not exist.

const MOST = 3;

/** Those that contain or begin the name, and those that differ from it by a few letters; nearest first. */
export function nearestOf(
  name: string,
  known: readonly string[],
  most = Math.max(2, Math.floor(name.length / 3)),
): readonly string[] {
  const wanted = name.toLowerCase();
  return known
    .map((candidate) => ({ candidate, distance: distanceOf(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= most)
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, MOST)
    .map(({ candidate }) => candidate);
}

/** "Did you mean a, b?", or what there is. */
export function suggest(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'There is none yet.';
  const near = nearestOf(name, known);
  return near.length > 0 ? `Did you mean ${near.join(', ')}?` : `There is ${known.join(', ')}.`;
}

function distanceOf(one: string, other: string): number {
  if (one !== '' && other.includes(one)) return 1;
  const first = Array.from({ length: other.length + 1 }, (_, index) => index);
  const last = Array.from(one).reduce((above, letter, row) => {
    const line = [row + 1];
    for (const [index, match] of Array.from(other).entries()) {
      const changed = (above[index] ?? 0) + (letter === match ? 0 : 1);
      line.push(Math.min(changed, (above[index + 1] ?? 0) + 1, (line[index] ?? 0) + 1));
    }
    return line;
  }, first);
  return last.at(-1) ?? 0;
}
