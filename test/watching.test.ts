// What a watching job tells over many runs, on a whole talkbell with a clock moved by hand: items that have to settle,
// changes gathered for a digest, and both over a crash.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Stage, setStage } from './stage.ts';

const HOURS = "schedule: { hourly: '0 8-17 * * *', evening: '0 18 * * *' },";

/** A shop whose prices the test shows, as `{ tea: 100 }`. */
function shop({ options = HOURS, watch = '', extract = '({ name, price })' } = {}): string {
  return `import { readFileSync } from 'node:fs';
    import { above, below, changed, changedBy, defineJob, fell, isNew, rose } from 'talkbell';
    export default defineJob({
      to: 'me', ${options}
      fetch: () => JSON.parse(readFileSync(process.env.STATE, 'utf8')),
      extract: (prices) => Object.entries(prices).map(([name, price]) => (${extract})),
      watch: { key: ({ name }) => name, tell: (item) => isNew(item) || changed(item), ${watch} },
      render: (items) => items.map(({ name, price, before }) => \`\${name} \${before?.price ?? 'new'}>\${price}\`).join(', '),
    });`;
}

async function openShop(source: string, state: unknown = { tea: 100 }): Promise<Stage> {
  const stage = await setStage({ time: '2026-11-20 07:30' });
  await stage.logIn();
  await stage.writeJob('shop.ts', source);
  stage.show(state);
  await stage.at('2026-11-20 08:00');
  return stage;
}

async function reasons({ engine }: Stage): Promise<readonly string[]> {
  const rows = await engine().store.runs({ job: 'shop', limit: 100 });
  return rows.map(({ outcome, reason }) => `${outcome}: ${reason}`).toReversed();
}

/** The end of the daemon in the middle of a look: the run is begun, and nothing of it is saved. */
async function crashIn(stage: Stage, slot: string, time: string): Promise<void> {
  const due = Date.parse(`${time.replace(' ', 'T')}:00+09:00`);
  const run = { due, freshUntil: due + 3 * 86_400_000 };
  assert.ok(await stage.engine().store.claim({ job: 'shop', slot, closed: [], run, cursor: due }, due));
  await stage.restart();
}

test('with settled: 2, a glitch of one look is not told, and a price of two looks is, also over a restart', async () => {
  await using stage = await openShop(shop({ watch: 'settled: 2' }));
  stage.show({ tea: 0 });
  await stage.at('2026-11-20 09:00');
  stage.show({ tea: 90 });
  await stage.at('2026-11-20 10:00');
  await stage.restart();
  assert.deepEqual(stage.received(), []);
  await crashIn(stage, 'hourly', '2026-11-20 11:00');
  await stage.at('2026-11-20 11:00');
  await stage.at('2026-11-20 12:00');
  assert.deepEqual(stage.received(), ['tea 100>90']);
  assert.deepEqual(await reasons(stage), [
    'silent: first run: learned 1 item, told none',
    'silent: found 1 item, 1 not settled yet',
    'silent: found 1 item, 1 not settled yet',
    'told: told 1 of 1 item',
    'silent: found 1 item, none to tell',
  ]);
});

test('a failed look and a look that came too early do not begin the settling again', async () => {
  const source = shop({ watch: 'settled: 2', extract: "price === 'broken' ? nothing : { name, price }" });
  await using stage = await openShop(source);
  stage.show({ tea: 90 });
  await stage.at('2026-11-20 09:00');
  stage.show({ tea: 'broken' });
  await stage.at('2026-11-20 10:00');
  stage.show({ tea: 90 });
  await stage.at('2026-11-20 10:10');
  assert.deepEqual(stage.received(), ['tea 100>90']);
});

test('a digest tells in the evening what changed over the day, once, with its first before', async () => {
  await using stage = await openShop(shop({ watch: "digest: 'evening'" }), { tea: 100, salt: 10, rice: 50 });
  stage.show({ tea: 90, salt: 11, rice: 50, corn: 7 });
  await stage.at('2026-11-20 09:00');
  stage.show({ tea: 80, salt: 10, rice: 50 });
  await stage.at('2026-11-20 10:00');
  assert.deepEqual(stage.received(), []);
  await stage.at('2026-11-20 18:00');
  assert.deepEqual(stage.received(), ['tea 100>80, corn new>7']);
  await stage.at('2026-11-21 18:00');
  assert.deepEqual(stage.received(), ['tea 100>80, corn new>7']);
  const [, nine, ten] = await reasons(stage);
  assert.deepEqual(
    [nine, ten],
    ['silent: found 4 items, gathered 3 for evening', 'silent: found 3 items, gathered 2 for evening'],
  );
});

test('what was gathered outlives a restart and a crash in the look of the evening, and is told once', async () => {
  await using stage = await openShop(shop({ watch: "digest: 'evening'" }));
  stage.show({ tea: 100, corn: 7 });
  await stage.at('2026-11-20 17:00');
  stage.show({ tea: 100 });
  await stage.restart();
  await crashIn(stage, 'evening', '2026-11-20 18:00');
  await stage.at('2026-11-20 18:00');
  await stage.restart();
  await stage.at('2026-11-20 18:30');
  await stage.at('2026-11-21 18:00');
  assert.deepEqual(stage.received(), ['corn new>7']);
});

test('a digest that KakaoTalk does not take is gathered again, what is gone from the page included', async () => {
  await using stage = await openShop(shop({ options: `${HOURS} freshFor: '30m',`, watch: "digest: 'evening'" }));
  stage.show({ tea: 90, corn: 7 });
  await stage.at('2026-11-20 17:00');
  stage.sandbox.fault({ path: /memo/, kind: 'maintenance', times: 100 });
  await stage.at('2026-11-20 18:00');
  await stage.at('2026-11-20 18:31');
  stage.sandbox.clearFaults();
  stage.show({ tea: 80 });
  await stage.at('2026-11-21 08:00');
  assert.deepEqual(stage.received(), []);
  assert.match((await reasons(stage)).at(-1) ?? '', /gathered 2 for evening/);
  await stage.at('2026-11-21 18:00');
  assert.deepEqual(stage.received(), ['tea 100>80, corn new>7']);
});

test('a digest taken away tells at the next look what was gathered; one added begins with what is known', async () => {
  await using stage = await openShop(shop({ watch: "digest: 'evening'" }));
  stage.show({ tea: 90 });
  await stage.at('2026-11-20 09:00');
  await stage.writeJob('shop.ts', shop());
  await stage.at('2026-11-20 10:00');
  assert.deepEqual(stage.received(), ['tea 100>90']);
  await stage.writeJob('shop.ts', shop({ watch: "digest: 'evening', settled: 2" }));
  stage.show({ tea: 80 });
  await stage.at('2026-11-20 11:00');
  await stage.at('2026-11-20 12:00');
  await stage.at('2026-11-20 18:00');
  assert.deepEqual(stage.received(), ['tea 100>90', 'tea 90>80']);
});

test('a field added to the items is learned without a word, and what changed beside it is told', async () => {
  await using stage = await openShop(shop(), { tea: 100, salt: 10 });
  await stage.writeJob('shop.ts', shop({ extract: "{ name, price, shop: 'A' }" }));
  stage.show({ tea: 90, salt: 10 });
  await stage.at('2026-11-20 09:00');
  await stage.at('2026-11-20 10:00');
  assert.deepEqual(stage.received(), ['tea 100>90']);
});

test('watch added to a job that told everything learns first', async () => {
  await using stage = await openShop(shop().replace(/watch: .*/, ''));
  assert.deepEqual(stage.received(), ['tea new>100']);
  await stage.writeJob('shop.ts', shop());
  await stage.at('2026-11-20 09:00');
  stage.show({ tea: 100, salt: 1 });
  await stage.at('2026-11-20 10:00');
  assert.deepEqual(stage.received(), ['tea new>100', 'salt new>1']);
});

test('keys that are all made anew are an error of a long list, not a flood', async () => {
  const many = (price: number) => Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`p${n}`, price]));
  await using stage = await openShop(shop(), many(1));
  await stage.writeJob('shop.ts', shop().replace('=> name', '=> `$' + '{name}!`'));
  await stage.at('2026-11-20 09:00');
  assert.deepEqual(stage.received(), []);
  assert.match((await reasons(stage)).at(-1) ?? '', /20 of 20 items are new at once.*--learn/);
});

test('a new item and a price below a limit are told together, each once', async () => {
  const tell = 'tell: (item) => isNew(item) || below("price", 50)(item)';
  await using stage = await openShop(shop().replace(/tell: .*changed\(item\)/, tell), { tea: '1만원', salt: '60원' });
  stage.show({ tea: '9,000원', salt: '49원', rice: '1억원' });
  await stage.at('2026-11-20 09:00');
  stage.show({ tea: '8,000원', salt: '48원', rice: '1억원' });
  await stage.at('2026-11-20 10:00');
  assert.deepEqual(stage.received(), ['salt 60원>49원, rice new>1억원']);
});
