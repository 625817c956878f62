// What the control endpoints take, checked. A mistake is answered with a sentence for each field.
import { z } from 'zod';

const names = z.array(z.string());
const count = z.int().min(0);

export const clockInput = z.strictObject({
  set: z.union([z.number(), z.iso.datetime({ offset: true })]).optional(),
  advanceMs: z.number().optional(),
});

export const faultInput = z.strictObject({
  path: z.string().optional(),
  method: z.string().optional(),
  times: z.int().min(1).optional(),
  after: count.optional(),
  kind: z.enum([
    'status',
    'kakao-code',
    'html-502',
    'maintenance',
    'drop-before',
    'drop-after',
    'slow',
    'empty-body',
    'not-json',
  ]),
  taken: z.boolean().optional(),
  status: z.int().min(200).max(599).optional(),
  code: z.int().optional(),
  message: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  delayMs: count.optional(),
});

export const userInput = z.strictObject({
  name: z.string().trim().min(1).max(20),
  friends: names.optional(),
  favorites: names.optional(),
  blocksMessages: z.boolean().optional(),
  hidden: z.boolean().optional(),
  usesTalk: z.boolean().optional(),
  consent: names.optional(),
  unlink: z.literal(true).optional(),
  changeUuid: z.literal(true).optional(),
  expire: z.enum(['access', 'refresh', 'both']).optional(),
  revoke: z.literal(true).optional(),
});

const consentItem = z.strictObject({
  id: z.string(),
  displayName: z.string(),
  type: z.enum(['PRIVACY', 'SERVICE']),
  required: z.boolean(),
  using: z.boolean(),
});

const quotas = z
  .strictObject({
    appDaily: count,
    appMonthly: count,
    senderDaily: count,
    receiverDaily: count,
    pairDaily: count,
    unapprovedDaily: count,
    accessTokens: count,
    refreshTokens: count,
  })
  .partial();

const status = z.int().min(400).max(599);
const choice = z.enum(['accept', 'refuse']);

export const appInput = z
  .strictObject({
    name: z.string(),
    id: z.int(),
    restApiKey: z.string(),
    adminKey: z.string(),
    clientSecret: z.string(),
    clientSecretOn: z.boolean(),
    loginOn: z.boolean(),
    testApp: z.boolean(),
    keyDeactivated: z.boolean(),
    allowedIps: names,
    redirectUris: names,
    consentItems: z.array(consentItem),
    linkDomains: names,
    approved: z.boolean(),
    messagePermission: z.boolean(),
    members: names,
    quotas,
    accessTokenS: count,
    refreshTokenS: count,
    rotatedRefreshTokenS: count,
    codeS: count,
    rotateBelowS: count,
    oldAccessTokenStaysValid: z.boolean(),
    koe101Status: status,
    koe237Status: status,
    koe322Status: status,
    errorPageStatus: status,
    memoCountsAgainstQuota: z.boolean(),
    longText: z.enum(['truncate', 'refuse']),
    textUnit: z.enum(['code points', 'utf-16']),
    beyondLimits: choice,
    emptyLink: choice,
    moreThanFiveReceivers: choice,
    unregisteredLink: z.enum(['drop', 'keep']),
    noneSuccessful: z.enum(['empty', 'missing']),
    friendsApiType: z.string(),
    friendsPageOrigin: z.string(),
    resetHour: z.int().min(0).max(23),
    longestToken: count,
  })
  .partial();

export const noticeInput = z.strictObject({
  title: z.string().min(1),
  writer: z.string().optional(),
  pinned: z.boolean().optional(),
});

export const priceInput = z.strictObject({ price: z.int().min(0) });

export const schoolInput = z
  .strictObject({ key: z.string(), code: z.string(), officeCode: z.string(), closedOn: z.array(z.iso.date()) })
  .partial();
