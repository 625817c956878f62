// The log as a process that writes to a pipe: every shape a secret may take, and what a reader of the lines needs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '..', '..');
const addressOf = (path: string): string => pathToFileURL(join(ROOT, path)).href;

const HEAD = `
  import { openLog } from '${addressOf('src/io/log.ts')}';
  import { makeScrubber } from '${addressOf('src/core/redact.ts')}';
  const scrubber = makeScrubber();
  const log = openLog({ level: process.env.LEVEL ?? 'info', scrubber });
`;

function runLogging(script: string, env: NodeJS.ProcessEnv = {}): string {
  const args = ['--input-type=module', '--eval', HEAD + script];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  });
  assert.deepEqual([status, stderr], [0, '']);
  return stdout;
}

function linesOf(output: string): readonly Record<string, unknown>[] {
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A secret of a job: known by its value. Its odd characters look different in an address, in a form and in JSON. */
const KNOWN = 'neis+key/"0123"\\=열쇠 xyz';

const KNOWN_SHAPES = `
  const secret = process.env.SECRET;
  scrubber.add(secret);
  const failure = new Error('refused: ' + secret, { cause: new TypeError('because of ' + secret) });
  failure.request = { path: '/?q=' + encodeURIComponent(secret) };
  class Job { constructor() { this.field = secret; } }
  class Own { toJSON() { return { own: secret }; } }
  const circle = { secret }; circle.circle = circle;
  const address = new URL('https://a.test/'); address.searchParams.set('q', secret);
  const shapes = {
    text: secret, within: 'before ' + secret + ' after', list: [secret, [secret]], nested: { a: { b: { c: secret } } },
    map: new Map([[secret, secret], ['q', secret]]), set: new Set([secret]), job: new Job(), own: new Own(),
    getter: { get it() { return secret; } }, address, href: address.href, form: new URLSearchParams({ q: secret }),
    json: JSON.stringify({ q: secret }), twice: JSON.stringify(JSON.stringify({ q: secret })),
    base64: Buffer.from('id:' + secret).toString('base64'), base64url: Buffer.from(secret).toString('base64url'),
    bytes: Buffer.from(secret), view: new TextEncoder().encode(secret), symbol: Symbol(secret),
    err: failure, many: new AggregateError([failure, new Error(secret)], secret), circle,
    headers: new Headers({ 'x-q': encodeURIComponent(secret) }), raw: ['x-q', Buffer.from(secret)],
  };
  for (const [name, shape] of Object.entries(shapes)) log.info({ [name]: shape }, 'shape ' + name);
  log.info({ [secret]: 1 }, 'as a name');
  log.info({}, 'in words: ' + secret);
  log.error({ err: failure }, 'failed with ' + secret);
  log.error(failure);
  log.warn({ err: secret }, 'thrown as text');
  log.debug({ secret }, 'not shown');
`;

test('a secret of a job is in no line, whatever it stands in', () => {
  const output = runLogging(KNOWN_SHAPES, { SECRET: KNOWN });
  const lines = linesOf(output);
  assert.equal(lines.length, 29);
  const forms = [
    KNOWN,
    JSON.stringify(KNOWN).slice(1, -1),
    encodeURIComponent(KNOWN),
    new URLSearchParams({ q: KNOWN }).toString().slice(2),
    'neis+key',
    'neis%2Bkey',
    '열쇠',
    Buffer.from(KNOWN).toString('base64url').slice(2, -4),
    Buffer.from(`id:${KNOWN}`).toString('base64').slice(8, -4),
  ];
  for (const form of forms) assert.ok(!output.includes(form), `${form} is in\n${output}`);
  const bytes = [...Buffer.from(KNOWN)].slice(0, 6).join(',');
  assert.ok(!output.includes(bytes), 'bytes stand there as numbers');
  assert.ok(lines.filter((line) => JSON.stringify(line).includes('[secret]')).length > 20);
});

/** Nobody registered these: they are known by what they stand under. */
const NAMED_SHAPES = `
  const token = process.env.TOKEN;
  const shapes = [
    { authorization: 'Bearer ' + token }, { Authorization: 'KakaoAK ' + token }, { headers: { 'proxy-authorization': token } },
    { access_token: token }, { refreshToken: token }, { tokens: { access: 1, refresh_token: token } },
    { client_secret: token }, { clientSecret: token }, { password: token }, { cookie: 'sid=' + token },
    { 'set-cookie': ['sid=' + token] }, { TALKBELL_KEY: token }, { code: token }, { id_token: token },
    { rawHeaders: ['Host', 'a.test', 'Authorization', 'Bearer ' + token] },
    { headers: new Headers({ authorization: 'Bearer ' + token }) },
    { headers: [['authorization', 'Bearer ' + token]] }, { header: { name: 'cookie', value: 'sid=' + token } },
    { url: 'https://a.test/oauth?code=' + token + '&state=1' }, { url: new URL('https://u:' + token + '@a.test/') },
    { body: 'grant_type=refresh_token&refresh_token=' + token }, { body: JSON.stringify({ refresh_token: token, n: 1 }) },
    { body: JSON.stringify({ body: JSON.stringify({ access_token: token }) }) },
    { err: Object.assign(new Error('401'), { request: { headers: { authorization: 'Bearer ' + token } } }) },
    { err: new Error('POST failed with Authorization: Bearer ' + token) },
    { err: new Error('x', { cause: { refresh_token: token } }) }, { deep: { a: [{ b: { access_token: token } }] } },
  ];
  shapes.forEach((shape, index) => log.info(shape, 'shape ' + index));
  log.info({}, 'the answer was {"access_token":"' + token + '","expires_in":21599}');
  log.info({}, 'curl -H "Authorization: Bearer ' + token + '" https://a.test');
`;

test('tokens, codes, cookies and Authorization are in no line, though nobody named them secrets', () => {
  const token = 'q7Zp0xT2mV9bL4sK8dR1wY6hN3cF5gJ0';
  const output = runLogging(NAMED_SHAPES, { TOKEN: token });
  const leaking = linesOf(output).filter((line) => JSON.stringify(line).includes(token));
  assert.deepEqual(leaking, []);
  assert.ok(!output.includes(token));
  assert.match(output, /"expires_in\\":21599/);
});

test('an error keeps its message, stack, cause and fields', () => {
  const output = runLogging(`
    const cause = Object.assign(new TypeError('the cause'), { code: 'ECONNREFUSED' });
    const error = Object.assign(new RangeError('it broke', { cause }), { status: 503 });
    log.error({ err: error, job: 'lunch' }, 'failed');
    log.error({ err: 'only a text' }, 'failed');
    log.error({ err: undefined }, 'failed');
  `);
  const [line, text] = linesOf(output) as { job: string; msg: string; err: Record<string, unknown> }[];
  assert.deepEqual([line?.job, line?.msg], ['lunch', 'failed']);
  const { type, message, stack, status, cause } = line?.err ?? {};
  assert.deepEqual([type, message, status], ['RangeError', 'it broke', 503]);
  assert.match(`${stack}`, /^RangeError: it broke\n {4}at /);
  assert.match(JSON.stringify(cause), /the cause.*ECONNREFUSED/);
  assert.equal(text?.err, 'only a text');
});

test('a line is one JSON object with its time and level, and levels below the one set are not written', () => {
  const script = `for (const level of ['debug', 'info', 'warn', 'error']) log[level]({ n: 1 }, 'line\\nbreak "' + level);`;
  const lines = linesOf(runLogging(script, { LEVEL: 'warn' }));
  assert.deepEqual(
    lines.map(({ level, msg, n }) => [level, msg, n]),
    [
      [40, 'line\nbreak "warn', 1],
      [50, 'line\nbreak "error', 1],
    ],
  );
  assert.ok(lines.every(({ time }) => typeof time === 'number' && Math.abs(time - Date.now()) < 60_000));
  assert.equal(runLogging(script, { LEVEL: 'silent' }), '');
});

test('what no JSON can hold neither ends the process nor the line', () => {
  const script = `
    const circle = { n: 1n }; circle.circle = circle;
    const trap = { get bad() { throw new Error('no'); }, toJSON() { throw new Error('no'); } };
    const proxy = new Proxy({}, { ownKeys() { throw new Error('no'); } });
    log.info({ circle, trap, proxy, fn() {}, date: new Date(0), nan: NaN, un: undefined }, 'odd');
    log.info({ lone: '\\uD800' }, 'lone');
    log.info(trap, 'trap');`;
  const lines = linesOf(runLogging(script));
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['odd', 'lone', 'trap'],
  );
});

test('pino-pretty reads it', () => {
  const output = runLogging(`log.warn({ job: 'lunch', err: new Error('no menu') }, 'a look failed');`);
  const pretty = spawnSync(process.execPath, [join(ROOT, 'node_modules/pino-pretty/bin.js'), '--no-colorLevel'], {
    input: output,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], TZ: 'Asia/Seoul', NO_COLOR: '1' },
  });
  assert.equal(pretty.status, 0, pretty.stderr);
  assert.match(pretty.stdout, /WARN.*: .*a look failed/);
  assert.match(pretty.stdout, /job: "lunch"/);
  assert.match(pretty.stdout, /Error: no menu\n\s+at /);
});
