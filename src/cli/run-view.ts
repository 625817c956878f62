// Runs and messages as people and programs see them.
import { wordsOfCause } from '../core/cause.ts';
import type { MessageRow, RunRow } from '../core/ports.ts';
import { showTime } from '../core/show-time.ts';
import { plainText } from '../kakao/plain.ts';
import { isoOf, shorten } from './answer.ts';
import type { WhyWaits } from './waits.ts';

const SHOWN_LETTERS = 60;

export function viewRun(run: RunRow): object {
  return {
    id: run.id,
    job: run.job,
    slot: run.slot,
    due: isoOf(run.due),
    ...(run.lastDue === run.due ? {} : { lastDue: isoOf(run.lastDue) }),
    manual: run.manual,
    state: run.state,
    outcome: run.outcome,
    cause: run.cause,
    reason: run.reason,
    looks: run.looks,
    nextLookAt: isoOf(run.nextLookAt),
    startedAt: isoOf(run.startedAt),
    endedAt: isoOf(run.endedAt),
    found: run.found,
    told: run.told,
  };
}

export function viewMessage(row: MessageRow, whyWaits: WhyWaits): object {
  return {
    id: row.id,
    run: row.run,
    job: row.job,
    about: row.about,
    recipient: row.recipient,
    channel: row.address.channel,
    state: row.state,
    reason: row.reason,
    text: plainText(row.saying).text,
    part: row.part,
    parts: row.parts,
    attempts: row.attempts,
    createdAt: isoOf(row.createdAt),
    waits: whyWaits(row),
    nextAt: row.state === 'pending' ? isoOf(row.nextAt) : undefined,
    freshUntil: isoOf(row.freshUntil),
    settledAt: isoOf(row.settledAt),
  };
}

/** `told`, `skipped`, or how far it has come. */
export function outcomeOf({ outcome, state, nextLookAt, sent }: RunRow, zone: string): string {
  if (outcome !== undefined) return outcome;
  const told = sent === undefined ? '' : 'told, ';
  return `${told}${state === 'looking' ? 'looking' : `looks again ${showTime(zone, nextLookAt)}`}`;
}

/** `changed shape: https://… has no .menu`. */
export function reasonOf({ cause, reason = '' }: Pick<RunRow, 'cause' | 'reason'>): string {
  if (cause === undefined) return reason;
  const words = `${wordsOfCause(cause)}: `;
  return reason.startsWith(words) ? reason : `${words}${reason}`;
}

export function dueOf({ due, lastDue, manual }: RunRow, zone: string): string {
  const until = lastDue === due ? '' : ` to ${showTime(zone, lastDue)}`;
  return `${showTime(zone, due)}${until}${manual ? ' by hand' : ''}`;
}

export interface Progress {
  readonly zone: string;
  readonly whyWaits: WhyWaits;
}

/** `sent 2026-11-20 11:20`, or the state with its reason. */
export function progressOf(row: MessageRow, { zone, whyWaits }: Progress): string {
  const attempts = row.attempts > 1 ? ` after ${row.attempts} attempts` : '';
  if (row.state === 'sent') return `sent ${showTime(zone, row.settledAt)}${attempts}`;
  const why = whyWaits(row);
  if (why?.startsWith('until ') === true) return `${row.state}${attempts} ${why}`;
  const reason = why ?? row.reason;
  return `${row.state}${attempts}${reason === undefined ? '' : `: ${reason}`}`;
}

export function firstWords(row: MessageRow): string {
  return shorten(plainText(row.saying).text, SHOWN_LETTERS);
}
