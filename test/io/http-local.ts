// Servers on this machine for the tests of fetching: one that answers, one that breaks the rules of HTTP.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type Http, type HttpPorts, type HttpSession, type HttpSettings, openHttp } from '../../src/io/http.ts';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Local {
  readonly origin: string;
  readonly port: number;
  /** Every request that came, in order. */
  readonly seen: Seen[];
  /** Connections that are open now. */
  readonly sockets: Set<Socket>;
}

export type Answerer = (response: ServerResponse, seen: Seen, count: number) => void;

export async function serve(t: TestContext, answer: Answerer, host = '127.0.0.1'): Promise<Local> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const body = (await request.toArray()).join('');
    const entry = { method, url, headers, body };
    seen.push(entry);
    answer(response, entry, seen.length);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  server.listen(0, host);
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://${host}:${port}`, port, seen, sockets };
}

/** Answers every request with the same bytes, whatever they are; `end` says how the connection ends. */
export async function serveRaw(t: TestContext, answer: (socket: Socket, count: number) => void): Promise<Local> {
  const sockets = new Set<Socket>();
  const seen: Seen[] = [];
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      const [method = '', url = ''] = data.toString('latin1').split(' ');
      seen.push({ method, url, headers: {}, body: '' });
      answer(socket, seen.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port, seen, sockets };
}

export interface Fetching {
  readonly http: Http;
  readonly session: HttpSession;
  /** Every wait that was asked for, instead of waiting. */
  readonly waits: number[];
}

/** A fetcher without gaps whose waits are over at once. */
export function fetching(t: TestContext, settings: Partial<HttpSettings & HttpPorts> = {}): Fetching {
  const waits: number[] = [];
  const sleep = async (ms: number) => {
    waits.push(ms);
  };
  const http = openHttp({ hostGapMs: 0, env: {}, random: () => 0, sleep, ...settings });
  t.after(() => http.close());
  const session = http.session({ signal: new AbortController().signal, conditional: false });
  return { http, session, waits };
}

export function textOf({ body }: { readonly body: Uint8Array }): string {
  return Buffer.from(body).toString();
}
