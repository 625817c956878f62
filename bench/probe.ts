// Loaded into a process before its own code: a heartbeat that shows how long the event loop stood still, a clock that can
// be set on, and the size of the heap, asked for over the channel to the parent.

const BEAT_MS = 5;
const RealDate = Date;
const ahead = { ms: 0 };
const beat = { at: performance.now(), longestMs: 0 };

Date.now = () => realNow() + ahead.ms;
globalThis.Date = class extends RealDate {
  constructor(...given: [] | [number]) {
    super(...((given.length === 0 ? [RealDate.now()] : given) as [number]));
  }
} as DateConstructor;

function realNow(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}

setInterval(() => {
  const now = performance.now();
  beat.longestMs = Math.max(beat.longestMs, now - beat.at - BEAT_MS);
  beat.at = now;
}, BEAT_MS).unref();

process.on('message', (message) => {
  if (typeof message !== 'object' || message === null || !('probe' in message) || !('value' in message)) return;
  process.send?.({ probed: answer(String(message.probe), Number(message.value)) });
});

function answer(question: string, value: number): number {
  if (question === 'jump') {
    ahead.ms += value;
    return ahead.ms;
  }
  if (question === 'heap') {
    globalThis.gc?.();
    globalThis.gc?.();
    return process.memoryUsage().heapUsed + process.memoryUsage().external;
  }
  const longest = beat.longestMs;
  beat.longestMs = 0;
  return longest;
}
