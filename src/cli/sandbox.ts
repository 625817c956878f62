// `talkbell sandbox`: a Kakao on this machine, to try everything without a Kakao app. It runs until it is stopped.
import type { Command } from 'commander';
import { ConfigError } from '../core/errors.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { readPort } from './numbers.ts';

const PORT = 8918;

const OUTAGE = `curl -d '{"kind":"maintenance","path":"/kapi/","times":1000}' http://localhost:${PORT}/control/faults`;

/** The one school of the sandbox's site. */
const SCHOOL = { NEIS_KEY: 'sandbox-neis-key', NEIS_OFFICE_CODE: 'B10', NEIS_SCHOOL_CODE: '7010569' };

interface Options extends JsonOption {
  readonly port: number;
}

export function register(program: Command, line: CommandLine): void {
  program
    .command('sandbox')
    .description('Run a Kakao on this machine, with a site to look at, until Ctrl-C.')
    .option('--port <port>', 'the port to listen on; 0 takes a free one', readPort, PORT)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `\nPut the settings it prints into .env; then log in, and open its address to see what arrives.\n\nAn outage of Kakao, and its end:\n  ${OUTAGE}\n  curl -X DELETE http://localhost:${PORT}/control/faults\n\nExamples:\n  talkbell sandbox\n  talkbell sandbox --port 9000`,
    )
    .action((options: Options) => runSandbox(line, options));
}

async function runSandbox(line: CommandLine, options: Options): Promise<void> {
  const sandbox = await startSandbox({ port: options.port }).catch((error: unknown) => {
    throw portError(error, options.port);
  });
  try {
    printAnswer(line, options, describe(sandbox));
    await stopped(line.signal);
  } finally {
    await sandbox.close();
  }
}

function describe(sandbox: Sandbox): { data: object; lines: readonly string[] } {
  const settings = settingsOf(sandbox);
  const lines = [
    `What arrives is shown at  ${sandbox.url}`,
    `The site to look at is    ${sandbox.siteUrl}`,
    '',
    'Put this into .env:',
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    '',
    'Then, in another terminal:  talkbell login   and   talkbell run cafeteria',
    'Ctrl-C ends the sandbox, and all that was in it.',
  ];
  return { data: { url: sandbox.url, siteUrl: sandbox.siteUrl, settings }, lines };
}

function settingsOf({ authUrl, apiUrl, siteUrl, restApiKey, clientSecret }: Sandbox): Readonly<Record<string, string>> {
  return {
    KAKAO_AUTH_URL: authUrl,
    KAKAO_API_URL: apiUrl,
    KAKAO_REST_API_KEY: restApiKey,
    KAKAO_CLIENT_SECRET: clientSecret,
    CAFETERIA_URL: `${siteUrl}/menu`,
    NOTICES_URL: `${siteUrl}/notices`,
    PRICE_URL: `${siteUrl}/product`,
    NEIS_URL: `${siteUrl}/hub/mealServiceDietInfo`,
    ...SCHOOL,
  };
}

function portError(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const why = code === 'EADDRINUSE' ? 'another program uses it, perhaps another sandbox' : 'this user may not use it';
  return new ConfigError([`Port ${port} cannot be listened on: ${why}. Name another one with --port.`], {
    cause: error,
  });
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    // A signal alone keeps no process alive; the server does.
  });
}
