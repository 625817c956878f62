// `talkbell new NAME URL`: writes a job from a page and words that are on it, with the page saved beside it and a test. In a
// terminal it asks what is not said; anywhere else it takes the likeliest.
import { type Command, Option } from 'commander';
import { ConfigError, ExtractError, FetchError, Stopped } from '../core/errors.ts';
import { type JobWords, writeJob } from '../core/propose-job.ts';
import { type Plan, type Proposal, readPlan } from '../core/propose-plan.ts';
import { writeTest } from '../core/propose-test.ts';
import { dateIn, readDateTime } from '../core/zone.ts';
import { readConfig } from '../io/config.ts';
import { endingOf } from '../io/kept-pages.ts';
import type { Asker } from './ask.ts';
import type { CommandLine } from './command-line.ts';
import { type Asked, checkAsked, type Options } from './new-check.ts';
import { choose } from './new-choice.ts';
import { type NewFiles, pathsOf, writeFiles } from './new-files.ts';
import { type GotPage, getPage } from './new-page.ts';
import { linesOfNew } from './new-report.ts';
import { decide, KINDS } from './new-words.ts';
import { readCount } from './numbers.ts';

/** What a shell gives for a command that Ctrl-C ended. */
const CANCELLED = 130;

export function register(program: Command, line: CommandLine): void {
  program
    .command('new')
    .description('Write a job from a page and words on it, with a saved page and a test.')
    .argument('<name>', 'its file name, such as school-notices')
    .argument('<url>', 'the page it looks at')
    .option('--text <words>', 'words on the page that you want; may be given several times', collect, [])
    .option('--selector <css>', 'your own selector of the rows, or of the one thing')
    .addOption(new Option('--kind <kind>', 'what the job does; default: guessed').choices(KINDS))
    .option('--pick <number>', 'which of the ways it proposes; default: 1', readCount)
    .option('--schedule <cron>', 'when it looks; default: by its kind')
    .option('--to <name>', 'who is told; default: me')
    .option('--timezone <zone>', 'the zone of the schedule; default: TALKBELL_TIMEZONE')
    .option('--page <file>', 'a saved page in the place of fetching the address')
    .option('--force', 'replace files that are there')
    .option('--dry-run', 'print the files and write nothing')
    .addHelpText(
      'after',
      "\nIt looks at the page before its scripts run: for words that they add, write the job by hand with get(url, { render: true }). What it saves may hold personal data if the page does.\n\nExamples:\n  talkbell new school-notices https://www.example.ac.kr/notice --text 'a title of the list'\n  talkbell new lunch https://www.example.ac.kr/menu --text '김치찌개' --schedule '20 11 * * 1-5' --dry-run\n  talkbell new tea https://shop.example.com/tea --text '12,900원' --kind price",
    )
    .action((name: string, url: string, options: Options) => create(line, { name, url }, options));
}

function collect(words: string, before: readonly string[]): readonly string[] {
  return words.trim() === '' ? before : [...before, words];
}

async function create(line: CommandLine, asked: Asked, options: Options): Promise<void> {
  checkAsked(asked, options);
  const config = readConfig(line.env);
  const force = options.force === true;
  const paths = options.dryRun === true ? undefined : pathsOf(config.jobsDir, asked.name, { force });
  const got = await getPage(line, config, { url: asked.url, file: options.page }).catch((error: unknown) => {
    throw inWords(error, line);
  });
  const asker = await openTerminal(line);
  try {
    const zone = options.timezone ?? config.timezone;
    const today = dateIn(zone, line.now());
    const { text: texts, selector, kind, pick } = options;
    const chosen = await choose(got.page, { texts, selector, kind, pick, today, asker });
    const words = await decide({ asked, options, config, today }, chosen.proposal, asker);
    const files = composeFiles(got, chosen.proposal, { words, zone, now: line.now() });
    if (paths === undefined) return printFiles(line, asked.name, files);
    await writeFiles(paths, files, { force });
    for (const said of linesOfNew(got.page, chosen, { paths, ...asked, day: dayOf(chosen.proposal.plan) }))
      line.print(said);
  } catch (error) {
    throw inWords(error, line);
  } finally {
    asker?.close();
  }
}

/** What is wrong with the page is no fault of talkbell's. */
function inWords(error: unknown, line: CommandLine): unknown {
  if (error instanceof Stopped) line.fail(CANCELLED);
  if (error instanceof Stopped) return new ConfigError(['Nothing was written.'], { cause: error });
  const isOfPage = error instanceof ExtractError || error instanceof FetchError;
  return isOfPage ? new ConfigError([error.message], { cause: error }) : error;
}

/** Undefined where nobody can answer. */
async function openTerminal(line: CommandLine): Promise<Asker | undefined> {
  if (!line.isTerminal || process.stdin.isTTY !== true) return undefined;
  const { openAsker } = await import('./ask.ts');
  return openAsker({ input: process.stdin, output: process.stdout, onCancel: () => line.fail(CANCELLED) });
}

interface Composing {
  readonly words: JobWords;
  readonly zone: string;
  readonly now: number;
}

function composeFiles({ page, kept }: GotPage, { plan }: Proposal, { words, zone, now }: Composing): NewFiles {
  const date = dayOf(plan) ?? words.today;
  const due = readDateTime(zone, `${date} 12:00`) ?? now;
  const items = readPlan(page, plan, { kind: words.kind, date });
  const contentType = kept.headers['content-type'];
  const file = `fixtures/${words.name}/1${endingOf(contentType)}`;
  return {
    job: writeJob(page, { plan }, words),
    test: writeTest(words, { file, url: page.url, contentType, items, date, due: new Date(due), timezone: zone }),
    look: { job: words.name, slot: 'main', due, at: now },
    page: kept,
  };
}

function dayOf(plan: Plan): string | undefined {
  return plan.form === 'cell' ? plan.date : plan.form === 'json' ? plan.json.date : undefined;
}

function printFiles(line: CommandLine, name: string, { job, test }: NewFiles): void {
  line.print(`${job}\n--- ${name}.test.ts ---\n\n${test}\nNothing was written.`);
}
