// The sandbox's HTTP server, on loopback only: reads requests whole and hands them to who answers.
import { setTimeout as wait } from 'node:timers/promises';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Answer, type Asked, html, json } from './answers.ts';
import { answerChatPage, CHAT_PAGE_CSS, CHAT_PAGE_JS, chatVersion } from './chat-page.ts';
import { answerControl, type Controlled } from './control.ts';
import { decideFate } from './routes.ts';

const MOST_BYTES = 20 * 1024 * 1024;

export interface Server {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

export async function listen(
  controlled: Controlled,
  { host = '127.0.0.1', port = 0 }: { host?: string; port?: number },
): Promise<Server> {
  const stopping = new AbortController();
  const server = fastify({
    bodyLimit: MOST_BYTES,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: false },
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.all('/*', async (request, reply) => {
    const asked = readRequest(request);
    if (!/^\/k(auth|api)\//.test(asked.path)) return send(reply, answerPage(controlled, asked));

    const fate = await decideFate(controlled.world, asked);
    if (fate.kind === 'drop') {
      reply.hijack();
      request.raw.socket.destroy();
      return reply;
    }
    if (fate.delayMs > 0) await wait(fate.delayMs, undefined, { signal: stopping.signal });
    return send(reply, fate.answer);
  });

  const origin = await server.listen({ host, port });
  return {
    origin,
    close: async () => {
      stopping.abort();
      await server.close();
    },
  };
}

function answerPage(controlled: Controlled, asked: Asked): Answer {
  const { world, site } = controlled;
  if (asked.path === '/control' || asked.path.startsWith('/control/')) return answerControl(controlled, asked);
  if (asked.method !== 'GET' && asked.method !== 'HEAD') return json(405, { error: 'Only GET is answered here.' });
  if (asked.path.startsWith('/images/')) return answerImage(controlled, asked.path.slice('/images/'.length));
  const text = (type: string, body: string) => ({
    status: 200,
    headers: { 'content-type': `${type};charset=UTF-8` },
    body,
  });
  switch (asked.path) {
    case '/':
      return answerChatPage(world, asked.query);
    case '/version':
      return text('text/plain', chatVersion(world));
    case '/chat.css':
      return text('text/css', CHAT_PAGE_CSS);
    case '/chat.js':
      return text('text/javascript', CHAT_PAGE_JS);
    default:
      return site.answer(asked) ?? html(404, '<!doctype html><meta charset="utf-8"><h1>없는 페이지입니다</h1>');
  }
}

function answerImage({ world }: Controlled, name: string): Answer {
  const image = world.images.get(name);
  if (image === undefined) return json(404, { error: 'There is no such image.' });
  const headers = { 'content-type': image.type, 'x-content-type-options': 'nosniff' };
  return { status: 200, headers, body: image.bytes };
}

function readRequest(request: FastifyRequest): Asked {
  const url = new URL(request.url, 'http://sandbox.invalid');
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]));
  const isForm = headers['content-type']?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true;
  return {
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    headers,
    form: isForm ? new URLSearchParams(body.toString()) : undefined,
    body,
    ip: request.ip,
  };
}

function send(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
