// POST /oauth/token: strict in what it takes, as Kakao is. Client authentication is client_secret_post only.
import { type Answer, type Asked, json, kauthError } from './answers.ts';
import { fitsChallenge, type Issued } from './tokens.ts';
import type { World } from './world.ts';

const NO_FORM = new URLSearchParams();

export function answerToken(world: World, { form = NO_FORM }: Asked): Answer {
  checkClient(world, form);
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return answerCode(world, form);
    case 'refresh_token':
      return answerRefresh(world, form);
    default:
      throw kauthError(400, 'invalid_request', ['KOE310', 'grant_type must be authorization_code or refresh_token']);
  }
}

function checkClient({ app }: World, form: URLSearchParams): void {
  const clientId = form.get('client_id');
  if (clientId !== app.restApiKey) {
    throw kauthError(app.koe101Status, 'invalid_client', ['KOE101', `Not exist client_id [${clientId}]`]);
  }
  if (app.clientSecretOn && form.get('client_secret') !== app.clientSecret) {
    throw kauthError(401, 'invalid_client', ['KOE010', 'Bad client credentials']);
  }
}

function answerCode(world: World, form: URLSearchParams): Answer {
  const { tokens, users } = world;
  const given = form.get('code');
  const code = tokens.takeCode(given ?? '');
  const user = code === undefined ? undefined : users.byId(code.userId);
  if (code === undefined || user === undefined) {
    throw kauthError(400, 'invalid_grant', ['KOE320', `authorization code not found for code=${given}`]);
  }
  if (form.get('redirect_uri') !== code.redirectUri) {
    throw kauthError(400, 'invalid_grant', ['KOE303', 'Redirect URI mismatch.']);
  }
  if (!fitsChallenge(form.get('code_verifier'), code.challenge)) {
    return json(400, { error: 'invalid_grant', error_description: 'code_verifier does not match code_challenge' });
  }
  const issued = tokens.startLogin(user);
  if (issued === 'too many') throw tooMany(world);
  return json(200, { ...tokenBody(issued), scope: issued.scopes.join(' ') });
}

function answerRefresh(world: World, form: URLSearchParams): Answer {
  const given = form.get('refresh_token');
  if (given === null || given === '') {
    throw kauthError(400, 'invalid_grant', ['KOE319', 'refresh token is missing']);
  }
  const issued = world.tokens.refresh(given);
  if (issued === 'too many') throw tooMany(world);
  if (issued === 'unknown') {
    throw kauthError(world.app.koe322Status, 'invalid_grant', ['KOE322', 'expired_or_invalid_refresh_token']);
  }
  return json(200, tokenBody(issued));
}

function tooMany({ app }: World) {
  return kauthError(app.koe237Status, 'invalid_request', ['KOE237', 'token request rate limit exceeded']);
}

function tokenBody({ accessToken, accessS, refresh }: Issued) {
  const access = { access_token: accessToken, token_type: 'bearer', expires_in: accessS };
  return refresh === undefined
    ? access
    : { ...access, refresh_token: refresh.token, refresh_token_expires_in: refresh.forS };
}
