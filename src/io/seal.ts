// Seals secrets for the disk: AES-256-GCM, bound to what they are about, so that a value moved to another row or
// column does not open. The key's id stands in front, so that another key is told apart from damage.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { StoreError } from '../core/errors.ts';

const KEY_ID_BYTES = 8;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The key that seals, and after it those it has replaced, which only open. */
export type Keyring = readonly [Buffer, ...Buffer[]];

export function seal(key: Buffer, plaintext: string, about: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(about, 'utf8'));
  const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return Buffer.concat([keyId(key), iv, cipher.getAuthTag(), sealed]);
}

/** Throws StoreError: `key` when it was sealed with another key, `damaged` when it does not open with this one. */
export function unseal(key: Buffer, sealed: Buffer, about: string): string {
  if (!isSealedWith(key, sealed)) throw otherKey(about);
  const iv = sealed.subarray(KEY_ID_BYTES, KEY_ID_BYTES + IV_BYTES);
  const tag = sealed.subarray(KEY_ID_BYTES + IV_BYTES, KEY_ID_BYTES + IV_BYTES + TAG_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(about, 'utf8')).setAuthTag(tag);
    const start = KEY_ID_BYTES + IV_BYTES + TAG_BYTES;
    return Buffer.concat([decipher.update(sealed.subarray(start)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new StoreError(
      `What is stored for ${about} does not open, though the key is the right one: it was changed or damaged on disk. ` +
        'Restore a backup (talkbell restore FILE) or log in again (talkbell login).',
      { kind: 'damaged', cause },
    );
  }
}

/** Opens with the key of the ring that sealed it. Throws as `unseal` does. */
export function unsealWithAny(keys: Keyring, sealed: Buffer, about: string): string {
  return unseal(keys.find((key) => isSealedWith(key, sealed)) ?? keys[0], sealed, about);
}

/** Whether this key sealed it, going by the id in front. */
export function isSealedWith(key: Buffer, sealed: Buffer): boolean {
  return sealed.subarray(0, KEY_ID_BYTES).equals(keyId(key));
}

function keyId(key: Buffer): Buffer {
  return createHash('sha256').update(key).digest().subarray(0, KEY_ID_BYTES);
}

function otherKey(about: string): StoreError {
  return new StoreError(
    `The key has changed: ${about} was sealed with another one. Put back the old TALKBELL_KEY in the environment or .env, ` +
      'or the old file data/key. If it is lost, log in again (talkbell login). Nothing was overwritten.',
    { kind: 'key' },
  );
}
