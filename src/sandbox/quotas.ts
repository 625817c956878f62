// The daily numbers of messages, and the monthly one of requests. A day is Korea's.
import type { SandboxApp } from './app.ts';
import { type Clock, countingDay, koreanDate } from './clock.ts';

export interface Quotas {
  /** The code that refuses a message, if one does. */
  readonly refuses: (senderId: number, receiverId: number) => -10 | -532 | -533 | -536 | undefined;
  readonly count: (senderId: number, receiverId: number) => void;
  /** Counts a request, and says whether the month still had room for it. */
  readonly takeRequest: () => boolean;
  /** Forgets today's messages. */
  readonly reset: () => void;
}

export function makeQuotas(app: SandboxApp, clock: Clock): Quotas {
  let day: number | undefined;
  let month = '';
  let requests = 0;
  const counts = new Map<string, number>();

  const today = () => {
    const current = countingDay(clock.now(), app.resetHour);
    if (current !== day) counts.clear();
    day = current;
    return counts;
  };
  const counted = (key: string) => today().get(key) ?? 0;
  const isFree = (senderId: number, receiverId: number) => senderId === receiverId && !app.memoCountsAgainstQuota;
  const isOverApp = (senderId: number, receiverId: number) =>
    counted('app') >= app.quotas.appDaily ||
    (!app.approved && senderId !== receiverId && counted('friends') >= app.quotas.unapprovedDaily);

  return {
    refuses: (senderId, receiverId) => {
      if (isOverApp(senderId, receiverId)) return -10;
      if (isFree(senderId, receiverId)) return undefined;
      if (counted(`from ${senderId}`) >= app.quotas.senderDaily) return -532;
      if (counted(`to ${receiverId}`) >= app.quotas.receiverDaily) return -533;
      return counted(`${senderId} to ${receiverId}`) >= app.quotas.pairDaily ? -536 : undefined;
    },
    count: (senderId, receiverId) => {
      const personal = [`from ${senderId}`, `to ${receiverId}`, `${senderId} to ${receiverId}`];
      const keys = ['app', ...(senderId === receiverId ? [] : ['friends']), ...personal];
      for (const key of isFree(senderId, receiverId) ? ['app'] : keys) today().set(key, counted(key) + 1);
    },
    takeRequest: () => {
      const current = koreanDate(clock.now()).slice(0, 7);
      requests = current === month ? requests + 1 : 1;
      month = current;
      return requests <= app.quotas.appMonthly;
    },
    reset: () => counts.clear(),
  };
}
