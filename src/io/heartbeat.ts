// Tells a watching service, such as healthchecks.io, that all is well, by asking for its address. Silence is the alarm.
import type { Dispatcher } from 'undici';
import type { Log } from '../core/log.ts';
import { loadUndici } from './http-undici.ts';

const EVERY_MS = 60_000;
const TIMEOUT_MS = 10_000;

export interface HeartbeatSettings {
  readonly url: string;
  readonly isWell: () => Promise<boolean>;
  readonly signal: AbortSignal;
  readonly log: Log;
}

export function startHeartbeat({ url, isWell, signal, log }: HeartbeatSettings): void {
  let agent: Dispatcher | undefined;
  const beat = async (): Promise<void> => {
    if (!(await isWell())) return;
    const { Agent, request } = await loadUndici();
    agent ??= new Agent();
    const { body, statusCode } = await request(agent, new URL(url), {
      method: 'GET',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await body.dump();
    if (statusCode >= 400)
      log.warn({ status: statusCode }, 'the heartbeat was refused; look at TALKBELL_HEARTBEAT_URL');
  };
  const tick = (): void => {
    beat().catch((error: unknown) => signal.aborted || log.warn({ err: error }, 'the heartbeat did not get through'));
  };
  const timer = setInterval(tick, EVERY_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  tick();
}
