// `talkbell check`: the doctor. It looks at everything talkbell stands on, changes nothing of it, and works where little
// else does: without a data folder, with a broken key, without a network.
import type { Command } from 'commander';
import { ConfigError, StoreError } from '../core/errors.ts';
import { type Config, readConfig } from '../io/config.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import { checkJobs } from './check-jobs.ts';
import { checkAccounts, checkKakao } from './check-kakao.ts';
import { checkData, checkMachine, checkSecrets } from './check-machine.ts';
import { checkPeople } from './check-people.ts';
import { checkSettings } from './check-settings.ts';
import { checkStore, openForCheck } from './check-store.ts';
import type { CommandLine } from './command-line.ts';
import { type Finding, fail } from './finding.ts';
import { makeTable } from './table.ts';
import { makeScrubberOf } from './with-store.ts';

export function register(program: Command, line: CommandLine): void {
  program
    .command('check')
    .description('Look at everything talkbell stands on, and say what is wrong and what to do.')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nIt ends with 1 if any line says FAIL.\n\nExamples:\n  talkbell check\n  talkbell check --json',
    )
    .action((options: JsonOption) => check(line, options));
}

async function check(line: CommandLine, options: JsonOption): Promise<void> {
  const findings = await collect(line);
  const rows = findings.map(({ level, about, text }) => [level, about, text]);
  const failed = findings.filter(({ level }) => level === 'FAIL').length;
  const warned = findings.filter(({ level }) => level === 'warn').length;
  const total = failed + warned === 0 ? 'All is well.' : `${failed} to be mended, ${warned} to be looked at.`;
  printAnswer(line, options, { data: findings, lines: [...makeTable(['', 'WHAT', ''], rows).slice(1), '', total] });
  if (failed > 0) line.fail();
}

async function collect(line: CommandLine): Promise<readonly Finding[]> {
  const machine = checkMachine(process.versions.node);
  const config = readConfigOr(line);
  const settings = checkSettings(line.env);
  if ('problems' in config)
    return [...machine, ...config.problems.map((problem) => fail('settings', problem)), ...settings];

  const scrubber = makeScrubberOf(config);
  const opened = await openForCheck(config, line.now);
  const store = 'store' in opened ? opened.store : undefined;
  try {
    const findings = [
      ...machine,
      ...checkSecrets(config),
      ...settings,
      ...checkData(config),
      ...opened.findings,
      ...(store === undefined
        ? []
        : await guard('database', () => checkStore(store, { now: line.now(), zone: config.timezone }))),
      ...(await guard('jobs', () => checkJobs({ config, store, line, scrubber }))),
      ...(store === undefined ? [] : await guard('recipients', () => checkPeople(config, store))),
      ...(store === undefined
        ? []
        : await guard('logins', () => checkAccounts(store, { now: line.now(), zone: config.timezone }))),
      ...(await checkKakao({ config, store, now: line.now, signal: line.signal })),
    ];
    return findings.map((finding) => ({ ...finding, text: scrubber.scrub(finding.text) }));
  } finally {
    await store?.close();
  }
}

function readConfigOr({ env }: CommandLine): Config | { readonly problems: readonly string[] } {
  try {
    return readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}

/** What cannot even be looked at is a finding too. */
async function guard(about: string, work: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => fail(about, problem));
    if (error instanceof StoreError) return [fail(about, error.message)];
    throw error;
  }
}
