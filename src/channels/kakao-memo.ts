// A memo to oneself in KakaoTalk: one call carries one message of one account.
import type { Channel, Clock, Outcome, Outgoing } from '../core/ports.ts';
import { parseRetryAfter } from '../core/retry.ts';
import type { Kakao } from '../kakao/client.ts';
import { judgeMemo } from '../kakao/errors.ts';
import type { Answer } from '../kakao/http.ts';
import { toKakao } from '../kakao/split.ts';
import type { TokenKeeper } from '../kakao/tokens.ts';
import { withToken } from '../kakao/with-token.ts';

export interface KakaoMemoPorts {
  readonly kakao: Pick<Kakao, 'memo'>;
  readonly keeper: TokenKeeper;
  readonly now: Clock;
}

export function makeKakaoMemoChannel(ports: KakaoMemoPorts): Channel {
  return {
    prepare: toKakao,
    batch: 1,
    deliver: async (rows, signal) => {
      const outcomes: Outcome[] = [];
      for (const row of rows) outcomes.push(await sendMemo(ports, row, signal));
      return outcomes;
    },
  };
}

async function sendMemo({ kakao, keeper, now }: KakaoMemoPorts, row: Outgoing, signal: AbortSignal): Promise<Outcome> {
  const { address, saying, freshUntil } = row;
  if (address.channel !== 'kakao-memo') throw new TypeError(`A memo cannot be sent to ${address.channel}.`);

  let answer: Answer | undefined;
  const settled = await withToken({ keeper, account: address.account, signal }, async (token) => {
    answer = await kakao.memo(token, saying, { signal, mayStart: () => now() <= freshUntil });
    const verdict = judgeMemo(answer);
    return verdict.kind === 'sent' ? { kind: 'ok', value: true } : verdict;
  });
  return settled.kind === 'ok' ? { kind: 'sent' } : withRetryAfter(settled, answer, now());
}

/** A Retry-After of Kakao's wins over our own waiting. */
export function withRetryAfter(outcome: Outcome, answer: Answer | undefined, now: number): Outcome {
  if (outcome.kind !== 'retry' || outcome.retryAfterMs !== undefined || answer?.kind !== 'answer') return outcome;
  const retryAfterMs = parseRetryAfter(answer.retryAfter, now);
  return retryAfterMs === undefined ? outcome : { ...outcome, retryAfterMs };
}
