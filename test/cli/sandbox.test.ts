import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import type { CommandLine } from '../../src/cli/command-line.ts';
import { type CliStage, openCliStage } from './stage.ts';

type Register = (program: Command, line: CommandLine) => void;

const NAMED =
  'run jobs check why new fixture pause resume login accounts recipients friends send outbox history sandbox backup restore'.split(
    ' ',
  );

const LINE: CommandLine = {
  env: {},
  now: () => 0,
  print: () => {},
  printError: () => {},
  isTerminal: false,
  signal: new AbortController().signal,
  fail: () => {},
};

let stage: CliStage;

before(async () => {
  stage = await openCliStage();
});

after(() => stage.close());

test('sandbox prints what to put into .env, serves it, and ends in order on Ctrl-C', async () => {
  const running = stage.start(['sandbox', '--port', '0', '--json']);
  const { url, settings } = JSON.parse(await running.says(/\n}\n/)) as {
    url: string;
    settings: Record<string, string>;
  };
  const menu = await fetch(`${settings['CAFETERIA_URL']}?date=2026-11-20`);
  assert.equal(menu.status, 200);
  assert.match(await menu.text(), /2026-11-20/);
  assert.ok(settings['KAKAO_API_URL']?.startsWith(url));
  running.child.kill('SIGINT');
  assert.equal((await running.ended).code, 0);
});

test('the help of the sandbox says how to try an outage, and what it says works', async () => {
  const { out } = await stage.cli('sandbox', '--help');
  const [, body = ''] = /curl -d '(.*)' http:\/\/localhost:8918\/control\/faults$/m.exec(out) ?? [];
  const faults = `${stage.sandbox.url}/control/faults`;
  assert.equal((await fetch(faults, { method: 'POST', body })).status, 200);
  const down = await fetch(`${stage.sandbox.apiUrl}/v2/api/talk/memo/default/send`, { method: 'POST' });
  assert.match(out, /curl -X DELETE http:\/\/localhost:8918\/control\/faults$/m);
  assert.equal((await fetch(faults, { method: 'DELETE' })).status, 200);
  const up = await fetch(`${stage.sandbox.apiUrl}/v2/api/talk/memo/default/send`, { method: 'POST' });
  assert.deepEqual([down.status, up.status], [503, 401]);
});

test('a port that is taken or none is told in a sentence', async () => {
  const [taken, none] = await Promise.all([
    stage.cli('sandbox', '--port', new URL(stage.origin).port),
    stage.cli('sandbox', '--port', 'http'),
  ]);
  assert.equal(taken.code, 1);
  assert.match(taken.err, /Port \d+ cannot be listened on: another program uses it/);
  assert.equal(none.code, 2);
});

test('every command has help with examples', async () => {
  for (const name of NAMED) {
    const { register } = (await import(`../../src/cli/${name}.ts`)) as { register: Register };
    const said: string[] = [];
    const program = new Command('talkbell').exitOverride().configureOutput({ writeOut: (text) => said.push(text) });
    register(program, LINE);
    await assert.rejects(program.parseAsync([name, '--help'], { from: 'user' }), { exitCode: 0 });
    assert.match(said.join(''), /Examples:\n {2}talkbell /, name);
  }
});

test('wrong use ends with 2, and a reader that leaves early is no error', async () => {
  const wrong = await Promise.all([stage.cli('why'), stage.cli('jobs', '--nope'), stage.cli('supper')]);
  assert.deepEqual(
    wrong.map(({ code }) => code),
    [2, 2, 2],
  );
  const left = stage.start(['jobs']);
  left.child.stdout?.destroy();
  const { code, err } = await left.ended;
  assert.deepEqual([code, err], [0, '']);
});
