// What one look leaves for the next one to know an unchanged page by.
// Only a look made of plain GETs that all gave a validator leaves any: another one could never be called unchanged.
import type { GetOptions, Validator } from '../core/job.ts';
import type { Headers } from './http-request.ts';

/** A page changed in the very second it was sent keeps its Last-Modified: such a date proves nothing. */
const DATE_DOUBT_MS = 2000;

/** A GET without anything of its own: only such a one is asked conditionally. */
export function isPlain({ method, headers, form, json, body, auth, render }: GetOptions): boolean {
  return (method ?? 'GET') === 'GET' && [headers, form, json, body, auth, render].every((part) => part === undefined);
}

export function conditionsOf({ etag, lastModified }: Validator): Headers {
  return {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
  };
}

/** Undefined when the answer gives nothing to rely on. */
export function validatorOf(url: string, headers: Headers): Validator | undefined {
  if (forbidsKeeping(headers)) return undefined;
  const { etag = '', 'last-modified': lastModified = '' } = headers;
  if (etag !== '') return { url, etag, ...(lastModified === '' ? {} : { lastModified }) };

  const age = Date.parse(headers['date'] ?? '') - Date.parse(lastModified);
  return age >= DATE_DOUBT_MS ? { url, lastModified } : undefined;
}

/** A page that is not to be kept is fetched anew each time: nothing of it stays, not even what it is known by. */
function forbidsKeeping({ 'cache-control': control = '', pragma = '' }: Headers): boolean {
  return /(^|[\s,])no-store\b/i.test(control) || /(^|[\s,])no-cache\b/i.test(pragma);
}

export interface ValidatorLog {
  /** A get that ended, with the validator it gave. */
  readonly add: (validator: Validator | undefined) => void;
  readonly all: () => readonly Validator[];
}

export function openValidatorLog(): ValidatorLog {
  const seen = new Map<string, Validator>();
  let complete = true;
  return {
    add: (validator) => {
      if (validator === undefined) complete = false;
      else seen.set(validator.url, validator);
    },
    all: () => (complete ? [...seen.values()] : []),
  };
}
