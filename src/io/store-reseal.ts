// Seals with the present key what an older one opens, and clears the file of what the older one had sealed: whoever
// finds the old key later finds nothing in the database that it opens.
import { StoreError } from '../core/errors.ts';
import type { Store } from '../core/ports.ts';
import { isSealedWith, type Keyring, seal, unsealWithAny } from './seal.ts';
import { about, type SealedColumn } from './store-accounts.ts';
import type { Sql } from './store-database.ts';

const COLUMNS: readonly SealedColumn[] = ['access', 'refresh', 'raw_answer'];

type Resealed = Awaited<ReturnType<Store['reseal']>>;
type SealedRow = { readonly name: string } & Readonly<Record<SealedColumn, Buffer | null>>;

export async function reseal(sql: Sql, keyring: Keyring): Promise<Resealed> {
  const old = await sql.read(() => oldRows(sql, keyring[0]));
  if (old.length === 0) return { resealed: [], unopened: [] };
  const done = await sql.write(() => resealRows(sql, keyring));
  if (done.resealed.length > 0) await sql.read(() => clearFreeSpace(sql));
  return done;
}

function oldRows(sql: Sql, key: Buffer): readonly SealedRow[] {
  return sql
    .all<SealedRow>('select name, access, refresh, raw_answer from accounts order by name')
    .filter((row) => COLUMNS.some((column) => row[column] !== null && !isSealedWith(key, row[column])));
}

function resealRows(sql: Sql, keyring: Keyring): Resealed {
  const rows = oldRows(sql, keyring[0]);
  const resealed = rows.filter((row) => resealRow(sql, keyring, row));
  const unopened = rows.filter((row) => !resealed.includes(row));
  return { resealed: resealed.map(({ name }) => name), unopened: unopened.map(({ name }) => name) };
}

/** A row that does not open waits for its key, or for a new login. */
function resealRow(sql: Sql, keyring: Keyring, row: SealedRow): boolean {
  try {
    const [access, refresh, raw_answer] = COLUMNS.map((column) => resealValue(keyring, row, column));
    sql.run('update accounts set access = @access, refresh = @refresh, raw_answer = @raw_answer where name = @name', {
      name: row.name,
      access: access ?? null,
      refresh: refresh ?? null,
      raw_answer: raw_answer ?? null,
    });
    return true;
  } catch (error) {
    if (error instanceof StoreError) return false;
    throw error;
  }
}

function resealValue(keyring: Keyring, row: SealedRow, column: SealedColumn): Buffer | null {
  const sealed = row[column];
  const bound = about(row.name, column);
  return sealed === null ? null : seal(keyring[0], unsealWithAny(keyring, sealed, bound), bound);
}

/** SQLite leaves old values in free space and in its log until both are written anew. */
function clearFreeSpace(sql: Sql): void {
  sql.db.exec('vacuum');
  sql.db.pragma('wal_checkpoint(TRUNCATE)');
}
