// A process that schedules lines with another library when it is told to, for what that costs in memory.
import process from 'node:process';

interface Scheduler {
  readonly schedule?: (line: string, work: () => void, options: object) => unknown;
  readonly Cron?: new (line: string, options: object, work: () => void) => unknown;
}

const [name, url = '', ...lines] = process.argv.slice(2);
const { schedule, Cron } = (await import(url)) as Scheduler;
const kept: unknown[] = [];

process.on('message', (message) => {
  if (message !== 'schedule') return;
  for (const line of lines) {
    const work = (): void => void kept.length;
    if (name === 'croner' && Cron !== undefined) kept.push(new Cron(line, { timezone: 'Asia/Seoul' }, work));
    else kept.push(schedule?.(line, work, { timezone: 'Asia/Seoul' }));
  }
  process.send?.('scheduled');
});
process.send?.('loaded');
