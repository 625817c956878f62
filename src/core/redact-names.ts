// Which names hold secrets, whatever their letter case and however their words are joined: `Authorization`,
// `refresh_token`, `clientSecret`, `x-api-key`, `serviceKey`.

export const SECRET = '[secret]';

const HOLDS_SECRET =
  /(authorization|cookies?|tokens?|secrets?|passwords?|passwd|pwd|passphrase|credentials?|jwt|sessionid|authcode|authorizationcode|codeverifier|(api|app|auth|access|client|service|secret|private|subscription|crtfc|confm|talkbell)keys?)$/;

/** Codes that say what went wrong, or which board of a site: an authorisation code looks like none of them. */
const PLAIN_CODE = /^(-?\d{1,6}|[a-z]{1,12}|[A-Z]{1,6}\d{1,6}|E[A-Z]{2,15}|ERR_[A-Z0-9_]+|[A-Z]+(_[A-Z]+)+)$/;

/** `key` names many things; it is a secret when it looks like the key of an API. */
const API_KEY = /^(?=.*\d)(?=.*[A-Za-z])[\w+/=%.-]{16,}$/;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Whether a value under this name must not be shown. */
export function isSecretField(name: string, value: unknown): boolean {
  const bare = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (bare === 'code') return !PLAIN_CODE.test(String(value));
  if (bare === 'key') return typeof value === 'string' && API_KEY.test(value) && !UUID.test(value);
  return HOLDS_SECRET.test(bare);
}

/**
 * The same for an address or a form, where `key` is a secret too unless it is a plain word, as in `?key=notice`.
 * `NAME=...` in a sentence stands for none.
 */
export function isSecretParameter(name: string, value: string): boolean {
  if (!/[\p{L}\p{N}]/u.test(value)) return false;
  return name.toLowerCase() === 'key' ? !PLAIN_CODE.test(value) : isSecretField(name, value);
}
