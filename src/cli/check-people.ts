// check: recipients, and whether the owner can be told when Kakao itself is what fails.
import { findRecipients } from '../core/address.ts';
import type { Recipient, Store } from '../core/ports.ts';
import type { Config } from '../io/config.ts';
import { type Finding, ok, warn } from './finding.ts';
import { nearRecipient, whyUnreached } from './reach.ts';
import { settingsIn } from './recipient-header.ts';

export async function checkPeople(config: Config, store: Store): Promise<readonly Finding[]> {
  const people = { recipients: await store.recipients(), accounts: await store.accounts() };
  const names = people.recipients.map(({ name }) => name);
  const list =
    names.length === 0
      ? warn('recipients', 'There is none yet. Log in (talkbell login), or add one (talkbell recipients add --help).')
      : ok('recipients', names.join(', '));
  const troubles = names.flatMap((name) => {
    const trouble = whyUnreached(name, people);
    return trouble === undefined
      ? []
      : [warn('recipients', `${name}: ${trouble}${/talkbell/.test(trouble) ? '' : '. See: talkbell accounts'}`)];
  });
  const settings = people.recipients.flatMap(({ name, address }) => {
    const missing =
      'url' in address ? settingsIn(address.headers ?? {}).filter((setting) => config.env[setting] === undefined) : [];
    return missing.map((setting) =>
      warn(
        'recipients',
        `${name}: a header is read from ${setting}, which has no value. Add the line ${setting}=... to .env.`,
      ),
    );
  });
  return [list, ...troubles, ...settings, ...checkOwner(config, people.recipients)];
}

function checkOwner({ owner }: Config, recipients: readonly Recipient[]): readonly Finding[] {
  const { reached, missing } = findRecipients(owner, recipients);
  return [...missing.flatMap((name) => warnMissing(name, recipients)), checkWays({ reached, missing })];
}

/** One who does not exist, beside others who do, is a slip. */
function warnMissing(name: string, recipients: readonly Recipient[]): readonly Finding[] {
  const near = nearRecipient(name, recipients);
  if (recipients.length === 0) return [];
  const what =
    near === undefined ? `There is ${recipients.map((one) => one.name).join(', ')}.` : `Did you mean ${near}?`;
  return [
    warn(
      'owner',
      `TALKBELL_OWNER names ${name}, and there is no such recipient. ${what} Mend it in .env, or: talkbell login --as ${name}`,
    ),
  ];
}

function checkWays({ reached, missing }: ReturnType<typeof findRecipients>): Finding {
  const how =
    'Add another way and name it: talkbell recipients add alarm --webhook URL, then TALKBELL_OWNER=me,alarm in .env.';
  if (reached.length === 0)
    return warn(
      'owner',
      `The owner (${missing.join(', ')}) cannot be told of trouble: there is no such recipient. ${how}`,
    );
  const others = reached.filter(
    ({ address }) => address.channel !== 'kakao-memo' && address.channel !== 'kakao-friend',
  );
  if (others.length > 0) return ok('owner', `is told of trouble through ${reached.map(({ name }) => name).join(', ')}`);
  return warn(
    'owner',
    `The owner is told through Kakao alone, so that a dead login or a stopped account cannot be told. ${how}`,
  );
}
