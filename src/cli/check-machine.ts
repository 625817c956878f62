// check: Node, the settings' secrets, and the data folder with the modes of what is in it.
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { showTimesIn } from '../core/show-time.ts';
import { type Config, HOME } from '../io/config.ts';
import { takeLock } from '../io/lock.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const LEAST_FREE_MB = 200;
const OTHERS = 0o077;
const SECRETS = ['KAKAO_CLIENT_SECRET', 'KAKAO_REST_API_KEY', 'TALKBELL_KEY'];

export function checkMachine(version: string): readonly Finding[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const serves = major > 23 || (major === 22 && minor >= 19) || (major === 23 && minor >= 6);
  if (serves) return [ok('Node', `Node ${version}`)];
  return [fail('Node', `Node ${version} is too old: talkbell needs 22.19 or newer. npm start brings its own.`)];
}

/** Others on the machine must not read .env. */
export function checkSecrets({ env, timezone }: Config): readonly Finding[] {
  const file = resolve(HOME, env['TALKBELL_ENV_FILE'] ?? '.env');
  const zone = ok('settings', `time zone ${timezone}`);
  if (!existsSync(file)) {
    const outside = SECRETS.some((name) => env[name] !== undefined);
    const hint = outside
      ? 'Secrets come from the environment; pm2 save would write them into a file: better keep them in .env.'
      : `There is no ${file}. Copy .env.example there and fill it in.`;
    return [zone, warn('settings', hint)];
  }
  if (!isOpenToOthers(file)) return [zone, ok('settings', file)];
  return [zone, warn('settings', `Others on this machine can read ${file}. Close it: chmod 600 ${file}`)];
}

export function checkData({ dataDir, timezone }: Config): readonly Finding[] {
  if (!existsSync(dataDir)) return [warn('data folder', `${dataDir} does not exist yet. The first start makes it.`)];
  if (!isWritable(dataDir))
    return [
      fail('data folder', `${dataDir} cannot be written by this user. Give it to this user: chown -R $USER ${dataDir}`),
    ];
  return [...checkModes(dataDir), checkDisk(dataDir), checkDaemon(dataDir, timezone)];
}

function checkModes(dataDir: string): readonly Finding[] {
  const files = ['key', 'talkbell.db', 'backups', 'jobs'].map((name) => join(dataDir, name)).filter(existsSync);
  const open = [dataDir, ...files].filter(isOpenToOthers);
  if (open.length === 0) return [ok('data folder', `${dataDir}, closed to others`)];
  return open.map((file) =>
    warn('data folder', `Others on this machine can open ${file}. Close it: chmod go-rwx ${file}`),
  );
}

function checkDisk(dataDir: string): Finding {
  const { bavail, bsize } = statfsSync(dataDir);
  const freeMb = Math.floor((bavail * bsize) / 1_000_000);
  if (freeMb >= LEAST_FREE_MB) return ok('disk', `${freeMb} MB are free`);
  return warn(
    'disk',
    `Only ${freeMb} MB are free where ${dataDir} lies. Free some space: a full disk stops everything.`,
  );
}

/** Taken for a moment only. A folder never started in has no lock, and gets none by being looked at. */
function checkDaemon(dataDir: string, zone: string): Finding {
  const none = warn(
    'daemon',
    'No daemon is running, so nothing is on schedule. Start it: npx pm2 start ecosystem.config.cjs, or npm start',
  );
  if (!existsSync(join(dataDir, 'lock.db'))) return none;
  const lock = takeLock(dataDir);
  if ('heldBy' in lock) return ok('daemon', showTimesIn(zone, lock.heldBy));
  lock.release();
  return none;
}

function isOpenToOthers(file: string): boolean {
  return process.platform !== 'win32' && (statSync(file).mode & OTHERS) !== 0;
}

function isWritable(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
