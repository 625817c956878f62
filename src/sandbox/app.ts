// The made-up Kakao app and every setting of it. What Kakao's papers leave open is a setting here, with the best
// guess as its value: tests must not lean on those.

export interface ConsentItem {
  readonly id: string;
  readonly displayName: string;
  readonly type: 'PRIVACY' | 'SERVICE';
  /** Cannot be refused at login, nor taken back. */
  readonly required: boolean;
  /** Switched on in the console. */
  readonly using: boolean;
}

interface Quotas {
  /** Messages a day, by all of the app's users. */
  readonly appDaily: number;
  /** Requests a month, whatever they ask. */
  readonly appMonthly: number;
  readonly senderDaily: number;
  readonly receiverDaily: number;
  readonly pairDaily: number;
  /** Messages to friends a day, while the app is not approved. */
  readonly unapprovedDaily: number;
  /** Access tokens in ten minutes, by user. */
  readonly accessTokens: number;
  /** Refresh tokens in an hour, by user. */
  readonly refreshTokens: number;
}

export interface SandboxApp {
  name: string;
  id: number;
  restApiKey: string;
  adminKey: string;
  clientSecret: string;
  clientSecretOn: boolean;
  loginOn: boolean;
  /** A test app lets only its members log in (KOE005). */
  testApp: boolean;
  keyDeactivated: boolean;
  /** Undefined means any address may call. */
  allowedIps: readonly string[] | undefined;
  /** Compared byte for byte. */
  redirectUris: readonly string[];
  consentItems: readonly ConsentItem[];
  /** Web domains that links and scraped pages may lead to, with their subdomains. */
  linkDomains: readonly string[];
  /** Approved for messages and friends: then not only members are reached. */
  approved: boolean;
  /** May call the message APIs at all (-5). */
  messagePermission: boolean;
  /** Names of users who are members of the app. */
  members: readonly string[];
  quotas: Quotas;
  accessTokenS: number;
  refreshTokenS: number;
  rotatedRefreshTokenS: number;
  /** Not documented. */
  codeS: number;
  /** Not documented: what "one month" is. */
  rotateBelowS: number;
  /** Not documented. */
  oldAccessTokenStaysValid: boolean;
  /** Not documented: 401, or 400 by another report. */
  koe101Status: number;
  /** Not documented: 429, or 400 by another report. */
  koe237Status: number;
  /** 400 by most reports, 401 by one. */
  koe322Status: number;
  /** Not documented. */
  errorPageStatus: number;
  /** Not documented: whether messages to oneself count towards the daily numbers. */
  memoCountsAgainstQuota: boolean;
  /** Not documented: what happens to a text of more than 200. */
  longText: 'truncate' | 'refuse';
  /** Not documented. */
  textUnit: 'code points' | 'utf-16';
  /** Not documented: too many buttons, list rows and the like. What is accepted is not shown. */
  beyondLimits: 'accept' | 'refuse';
  /** Not documented: a link with no address in it. */
  emptyLink: 'accept' | 'refuse';
  /** Not documented. */
  moreThanFiveReceivers: 'accept' | 'refuse';
  /** Not documented. */
  unregisteredLink: 'drop' | 'keep';
  /** Not documented: `successful_receiver_uuids` when all of several failed. */
  noneSuccessful: 'empty' | 'missing';
  /** Not documented. */
  friendsApiType: string;
  /** What `after_url` begins with: a plain-http host that is not ours, never to be called. */
  friendsPageOrigin: string;
  /** Not documented: hour of Korea's day at which daily numbers begin anew. */
  resetHour: number;
  /** Not documented: longer access tokens are called malformed. */
  longestToken: number;
}

export function makeApp(changes: Partial<SandboxApp>): SandboxApp {
  return { ...defaultApp(), ...changes };
}

function defaultApp(): SandboxApp {
  return {
    name: '우리동네 알리미',
    id: 1234567,
    restApiKey: 'sandbox0rest0api0key000000000001',
    adminKey: 'sandbox0admin0key00000000000001',
    clientSecret: 'sandboxClientSecret0000000000001',
    clientSecretOn: true,
    loginOn: true,
    testApp: false,
    keyDeactivated: false,
    allowedIps: undefined,
    redirectUris: ['http://localhost:8917/oauth', 'http://127.0.0.1:8917/oauth'],
    consentItems: CONSENT_ITEMS,
    linkDomains: ['localhost', '127.0.0.1', 'example.com', 'example.ac.kr'],
    approved: true,
    messagePermission: true,
    members: ['민지', '준호', '서연'],
    quotas: QUOTAS,
    ...TIMES,
    ...OPEN_QUESTIONS,
  };
}

const CONSENT_ITEMS: readonly ConsentItem[] = [
  { id: 'profile_nickname', displayName: '닉네임', type: 'PRIVACY', required: true, using: true },
  { id: 'profile_image', displayName: '프로필 사진', type: 'PRIVACY', required: false, using: true },
  {
    id: 'friends',
    displayName: '카카오 서비스 내 친구목록(프로필사진, 닉네임, 즐겨찾기 포함)',
    type: 'PRIVACY',
    required: false,
    using: true,
  },
  { id: 'talk_message', displayName: '카카오톡 메시지 전송', type: 'SERVICE', required: false, using: true },
  { id: 'account_email', displayName: '카카오계정(이메일)', type: 'PRIVACY', required: false, using: false },
];

const QUOTAS: Quotas = {
  appDaily: 30_000,
  appMonthly: 3_000_000,
  senderDaily: 100,
  receiverDaily: 100,
  pairDaily: 20,
  unapprovedDaily: 30,
  accessTokens: 20,
  refreshTokens: 30,
};

const TIMES = {
  accessTokenS: 21_599,
  refreshTokenS: 5_183_999,
  rotatedRefreshTokenS: 5_184_000,
  codeS: 600,
  rotateBelowS: 2_592_000,
};

const OPEN_QUESTIONS = {
  oldAccessTokenStaysValid: true,
  koe101Status: 401,
  koe237Status: 429,
  koe322Status: 400,
  errorPageStatus: 400,
  memoCountsAgainstQuota: true,
  longText: 'truncate',
  textUnit: 'code points',
  beyondLimits: 'accept',
  emptyLink: 'refuse',
  moreThanFiveReceivers: 'refuse',
  unregisteredLink: 'drop',
  noneSuccessful: 'empty',
  friendsApiType: 'TALK_FRIENDS_LIST',
  friendsPageOrigin: 'http://alpha-kapi.kakao.invalid',
  resetHour: 0,
  longestToken: 200,
} as const;
