// Whether the jobs folder may have changed, without reading a file of it: what an idle daemon asks every half minute.
import { readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Disks that answer slowly, or not at all: NFS, SMB and CIFS, FUSE and what is shared with a host machine. */
const FAR: ReadonlySet<number> = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x786f4256]);
/** Two changes within one tick of the disk's clock look like one. */
const SETTLED_MS = 1000;

/** The same for as long as nothing changes. Undefined when that cannot be known at once: then the files are to be read. */
export function stampFolder(dir: string, now: number): string | undefined {
  try {
    if (isFar(dir)) return undefined;
    const stats = readdirSync(dir).map((name) => ({ name, stat: statSync(join(dir, name)) }));
    if (stats.some(({ stat }) => now - stat.ctimeMs < SETTLED_MS)) return undefined;
    return stats
      .map(({ name, stat: { ino, size, mtimeMs, ctimeMs } }) => `${name} ${ino} ${size} ${mtimeMs} ${ctimeMs}`)
      .join('\n');
  } catch {
    return undefined;
  }
}

/** Throws when the folder cannot be asked. */
export function isFar(dir: string): boolean {
  return FAR.has(statfsSync(dir).type);
}
