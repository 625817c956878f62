// Checks each login at the end of a story, by a message that was sent through it and by what the owner was told.
import Database from 'better-sqlite3';
import type { MadeWorld } from './world.ts';

/** With the far side healthy for days, an account works, or has lost its login in one of the ways that nobody can help. */
export function checkLogins(world: MadeWorld): void {
  for (const account of readAccounts(world)) {
    const user = world.kakao.users.find((candidate) => candidate.name === account.name);
    const isLost = user !== undefined && (!user.linked || user.unsaved === user.refresh);
    const trouble = troubleOf(account, isLost);
    if (trouble !== undefined) world.fail('login', `${account.name} ${trouble}`);
  }
}

interface AccountEnd {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  readonly told: number;
  readonly probe: string | null;
  readonly probe_reason: string | null;
}

/** Each account with the message that was sent through it at the end. */
function readAccounts({ file, time }: MadeWorld): readonly AccountEnd[] {
  const db = new Database(file, { readonly: true });
  const rows = db
    .prepare(
      `select a.name, iif(a.held_until <= ?, 'ok', a.state) as state, a.reason, m.state as probe, m.reason as probe_reason,
         exists (select 1 from alerts where key = 'login:' || a.name and told_at is not null) as told
       from accounts a left join messages m on m.recipient = a.name and m.about = 'send' and m.saying like '%probe%'`,
    )
    .all(time.wall()) as AccountEnd[];
  db.close();
  return rows;
}

function troubleOf({ state, reason, told, probe, probe_reason }: AccountEnd, isLost: boolean): string | undefined {
  if (state !== 'ok' && !isLost) return `is ${state} though Kakao takes its token: ${reason}`;
  if (state !== 'ok') return told === 0 ? `is ${state}, and the owner was not told` : undefined;
  const isSpent = /budget/.test(probe_reason ?? '');
  return probe === 'sent' || isSpent || isLost ? undefined : `is ok, and a message is ${probe}: ${probe_reason}`;
}
