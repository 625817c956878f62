// `talkbell start`: the daemon. Exit code 78 says that trying again will not help: pm2 and systemd leave it at that.
import cluster from 'node:cluster';
import { flushCompileCache } from 'node:module';
import type { Command } from 'commander';
import { ConfigError, StoreError } from '../core/errors.ts';
import { readConfig } from '../io/config.ts';
import type { CommandLine } from './command-line.ts';

const CANNOT_START = 78;
const IN_CLUSTER =
  'talkbell runs as one process, and this is a worker of a cluster. Start it in fork mode: npx pm2 start ecosystem.config.cjs';
const LASTING: readonly StoreError['kind'][] = ['key', 'newer', 'damaged'];

export function register(program: Command, line: CommandLine): void {
  program
    .command('start')
    .description('Run the daemon: look on schedule, tell, until it is stopped.')
    .addHelpText(
      'after',
      '\nExamples:\n  talkbell start\n  npm start | npx pino-pretty\n  npx pm2 start ecosystem.config.cjs',
    )
    .action(() => start(line));
}

export async function start(line: CommandLine): Promise<void> {
  try {
    if (cluster.isWorker) throw new ConfigError([IN_CLUSTER]);
    const config = readConfig(line.env);
    const { runDaemon } = await import('../main.ts');
    await runDaemon({ config, signal: line.signal, onReady: tellReady });
  } catch (error) {
    const lasts = error instanceof ConfigError || (error instanceof StoreError && LASTING.includes(error.kind));
    if (lasts) line.fail(CANNOT_START);
    throw error;
  } finally {
    // The channel to pm2 would keep the process alive.
    if (process.connected) process.disconnect();
  }
}

/** pm2 waits for this word before it calls the daemon online. All code is loaded now, so the compile cache is whole. */
function tellReady(): void {
  process.send?.('ready');
  flushCompileCache();
}
