// Checks what the owner is told: each episode once, and its end once. It compares the episodes on disk with what stands
// in the outbox after every write, so that a crash between the two would come to light.
import type Database from 'better-sqlite3';

interface Episode {
  readonly key: string;
  readonly since: number;
  readonly told_at: number | null;
}

export interface AlertsCheck {
  readonly observe: () => void;
  /** Right after the end of an attempt, whatever comes next, a crash included. */
  readonly afterSettle: () => void;
  readonly atEnd: (now: number) => void;
}

const SUMMARY = '⚠ There was much';

/** `owner`: the recipient whose messages are read. */
export function makeAlertsCheck(db: Database.Database, owner: string, fail: (detail: string) => void): AlertsCheck {
  const episodes = db.prepare('select key, since, told_at from alerts');
  const said = db.prepare(
    `select id, json_extract(saying, '$.text') as text from messages where id > @last and about = 'owner' and recipient = @owner and part = 1`,
  );
  const lost = db.prepare(
    `select m.id, m.recipient, a.key from messages m left join alerts a on a.key = 'undelivered:' || m.recipient
     where m.job is not null and m.settled_at = (select max(settled_at) from messages) and m.state in ('failed', 'unclear') and m.reason <> 'an earlier part was not delivered'`,
  );
  const seen = new Set<number>();
  const newest = db.prepare('select max(id) from messages').pluck();
  const state = { told: new Map<string, Episode>(), last: 0 };

  return {
    observe: () => {
      const open = episodes.all() as Episode[];
      const told = new Map(open.filter(({ told_at }) => told_at !== null).map((episode) => [nameOf(episode), episode]));
      const last = Number(newest.get() ?? 0);
      const messages =
        last === state.last ? [] : (said.all({ owner, last: state.last }) as { id: number; text: string }[]);
      const begun = [...told.keys()].filter((name) => !state.told.has(name));
      const over = [...state.told.values()].filter((episode) => !told.has(nameOf(episode)));
      compare(fail, { begun, over: over.map(({ key }) => key), texts: messages.map(({ text }) => text) });
      state.told = told;
      state.last = last;
    },
    afterSettle: () => {
      for (const { id, recipient, key } of lost.all() as { id: number; recipient: string; key: string | null }[]) {
        if (seen.has(id)) continue;
        seen.add(id);
        if (key === null) fail(`message ${id} to ${recipient} is lost, and no episode says so`);
      }
    },
    atEnd: (now) => {
      for (const { key, since, told_at } of episodes.all() as Episode[]) {
        if (told_at === null && now - since > 86_400_000) fail(`${key} was never told`);
      }
    },
  };
}

interface Change {
  /** Episodes that are told now and were not before, and told ones that are over. */
  readonly begun: readonly string[];
  readonly over: readonly string[];
  readonly texts: readonly string[];
}

function compare(fail: (detail: string) => void, { begun, over, texts }: Change): void {
  const alarms = texts.filter((text) => text.startsWith('⚠'));
  const ends = texts.filter((text) => text.startsWith('✓'));
  const isSummed = alarms.some((text) => text.startsWith(SUMMARY));
  const fits = isSummed ? begun.length >= alarms.length : begun.length === alarms.length;
  if (!fits)
    fail(
      `${begun.length} episodes are told (${begun.join(', ')}) by ${alarms.length} messages: ${alarms.join(' | ').slice(0, 300)}`,
    );
  // Several episodes of one login or account, each of its own day, are over with one word.
  const aloud = over.filter((key) => !/^(login-ends|budget|held):/.test(key));
  if (ends.length < aloud.length || ends.length > over.length)
    fail(`${over.length} episodes are over (${over.join(', ')}), and ${ends.length} messages say so`);
}

function nameOf({ key, since }: Episode): string {
  return `${key} since ${since}`;
}
