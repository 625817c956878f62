// What was read stays read while nothing has written since: own writes are counted by table, those of other connections
// show in SQLite's data_version. An idle ring so costs a look at a number in place of rows, JSON and their checks.

const WRITES = /^\s*(?:insert(?:\s+or\s+\w+)?\s+into|replace\s+into|update(?:\s+or\s+\w+)?|delete\s+from)\s+(\w+)/i;

export interface Memo {
  /** The table was written to. */
  readonly note: (table: string) => void;
  /** A transaction was undone: what was read within it never was. */
  readonly forget: () => void;
  /** What `work` gave last, or gives now if a table it reads from was written to. `name` stands for what it reads. */
  readonly recall: <T>(name: string, tables: readonly string[], work: () => T) => T;
}

interface Kept {
  readonly version: number;
  readonly writes: number;
  readonly value: unknown;
}

export function makeMemo(readVersion: () => number): Memo {
  const kept = new Map<string, Kept>();
  const counts = new Map<string, number>();
  return {
    note: (table) => {
      counts.set(table, (counts.get(table) ?? 0) + 1);
    },
    forget: () => kept.clear(),
    recall: <T>(name: string, tables: readonly string[], work: () => T): T => {
      // Before the work: what another connection writes meanwhile is then read again.
      const version = readVersion();
      const writes = tables.reduce((sum, table) => sum + (counts.get(table) ?? 0), 0);
      const known = kept.get(name);
      if (known?.version === version && known.writes === writes) return known.value as T;
      const value = work();
      kept.set(name, { version, writes, value });
      return value;
    },
  };
}

/** The table that a statement writes to, its triggers and cascades apart. */
export function tableWritten(text: string): string | undefined {
  return WRITES.exec(text)?.[1]?.toLowerCase();
}
