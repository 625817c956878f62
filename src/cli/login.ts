// `talkbell login`: a person logs in with Kakao in a browser and agrees to messages; the account is kept under a name.
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { renderUnicodeCompact } from 'uqr';
import { ConfigError } from '../core/errors.ts';
import { canListen, type LoginCode, readPastedCode, waitForCode } from '../io/login-server.ts';
import { consentScopes, type LoginEnd } from '../kakao/login.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { requireName } from './names.ts';
import { withoutResume } from './waits.ts';
import { type KakaoContext, requireRestApiKey, withKakao } from './with-kakao.ts';

interface Options extends JsonOption {
  readonly as: string;
  readonly friends?: boolean;
  readonly paste?: boolean;
  readonly replace?: boolean;
}

export function register(program: Command, line: CommandLine): void {
  program
    .command('login')
    .description('Log in with Kakao, so that messages can be sent.')
    .option('--as <name>', 'what the account and its recipient are called', 'me')
    .option('--friends', 'ask for the friends list too, to send messages to friends')
    .option('--paste', 'for a machine without a browser: paste the address the browser ends at')
    .option('--replace', "let another person's login take the place of the one of that name")
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExamples:\n  talkbell login\n  talkbell login --as mum\n  talkbell login --paste')
    .action((options: Options) => login(line, options));
}

async function login(line: CommandLine, options: Options): Promise<void> {
  requireName(options.as);
  await withKakao(line, async (context) => {
    requireRestApiKey(context);
    const code = await askPerson(line, context, options);
    if (code.kind === 'refused') throw new ConfigError([code.reason]);
    const end = await context.kakao.finishLogin({
      code: code.code,
      name: options.as,
      friends: options.friends === true,
      replace: options.replace === true,
      signal: line.signal,
    });
    tellEnd(line, end, options);
  });
}

/** Prints the address and waits for what the browser brings back. */
async function askPerson(line: CommandLine, context: KakaoContext, options: Options): Promise<LoginCode> {
  const state = randomBytes(24).toString('base64url');
  const { redirectUri } = context.config.kakao;
  const others = (await context.store.accounts()).some(({ name }) => name !== options.as);
  const scope = consentScopes(options.friends === true);
  const url = context.kakao.oauth.authorizeUrl({ scope, state, ...(others ? { prompt: 'select_account' } : {}) });
  const say = options.json === true ? line.printError : line.print;
  if (options.paste === true || !canListen(redirectUri)) {
    showAddress(say, url);
    say(`Then copy the whole address the browser ends at (it begins with ${redirectUri}) and paste it here:`);
    return readPastedCode(await readLine(line), state);
  }
  return waitForCode({
    redirectUri,
    state,
    signal: line.signal,
    onReady: () => {
      showAddress(say, url);
      say('Waiting for the browser. If it runs on another machine, stop this (Ctrl-C) and use --paste.');
    },
  });
}

function showAddress(say: (text: string) => void, url: string): void {
  say('Open this address, log in and agree to messages:');
  say('');
  say(url);
  say('');
  say(renderUnicodeCompact(url));
  say('');
}

/** A terminal gives its line at once; a pipe may end without a line break. */
async function readLine({ signal }: CommandLine): Promise<string> {
  if (process.stdin.isTTY !== true) return (await readAll(process.stdin)).split('\n')[0] ?? '';
  const input = createInterface({ input: process.stdin });
  try {
    return await input.question('', { signal });
  } finally {
    input.close();
  }
}

function tellEnd(line: CommandLine, end: LoginEnd, options: Options): void {
  // A login that works lets a held account go on by itself.
  if (end.kind === 'refused') throw new ConfigError([withoutResume(end.reason)]);
  const { name, kakaoId, scopes, notes } = end;
  const lines = [`${name} is logged in (Kakao ${kakaoId}).`, ...notes, `Try it: talkbell send ${name} hello`];
  printAnswer(line, options, { data: { name, kakaoId, scopes, notes }, lines });
}
