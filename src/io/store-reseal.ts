// Seals with the present key what an older one opens, and clears the file of what the older one had sealed: whoever
// finds the old key later finds nothing in the database that it opens.
import { StoreError } from '../core/errors.ts';
import type { Store } from '../core/ports.ts';
import { isSealedWith, type Keyring, seal, unsealWithAny } from './seal.ts';
import { about, type SealedColumn } from './store-accounts.ts';
import { hasOldAddresses, resealStored } from './store-addresses.ts';
import { clearIfNoted, noteClearing } from './store-clearing.ts';
import { hasOldCookies, resealCookies } from './store-cookies.ts';
import type { Sql } from './store-database.ts';

const COLUMNS: readonly SealedColumn[] = ['access', 'refresh', 'raw_answer'];

type Resealed = Awaited<ReturnType<Store['reseal']>>;
type SealedRow = { readonly name: string } & Readonly<Record<SealedColumn, Buffer | null>>;

export async function reseal(sql: Sql, log: (message: string) => void): Promise<Resealed> {
  const isNeeded = await sql.read(() => oldRows(sql).length > 0 || hasOldAddresses(sql) || hasOldCookies(sql));
  if (!isNeeded) return { resealed: [], unopened: [], recipients: [] };
  const done = await sql.write(() => resealRows(sql));
  await clearIfNoted(sql, log);
  return done;
}

function oldRows(sql: Sql): readonly SealedRow[] {
  return sql
    .all<SealedRow>('select name, access, refresh, raw_answer from accounts order by name')
    .filter((row) => COLUMNS.some((column) => row[column] !== null && !isSealedWith(sql.keyring[0], row[column])));
}

function resealRows(sql: Sql): Resealed {
  const before = totalChanges(sql);
  const rows = oldRows(sql);
  const resealed = rows.filter((row) => resealRow(sql, row));
  const unopened = rows.filter((row) => !resealed.includes(row));
  const recipients = resealStored(sql);
  resealCookies(sql);
  if (totalChanges(sql) > before) noteClearing(sql);
  return { resealed: resealed.map(({ name }) => name), unopened: unopened.map(({ name }) => name), recipients };
}

function totalChanges(sql: Sql): number {
  return sql.get<{ changes: number }>('select total_changes() as changes')?.changes ?? 0;
}

/** A row that does not open waits for its key, or for a new login. */
function resealRow(sql: Sql, row: SealedRow): boolean {
  try {
    const [access, refresh, raw_answer] = COLUMNS.map((column) => resealValue(sql.keyring, row, column));
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
