// What the jobs of the soak look at, and the webhooks they tell: pages that change with the simulated clock, some late,
// some broken for a day, most of them unchanged; webhooks that write down what they took, and now and then take nothing.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hashOf } from '../../test/simulation/random.ts';
import type { SoakJob } from './jobs.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SEOUL_MS = 9 * HOUR_MS;
const LIST_LENGTH = 25;

export interface Pages {
  readonly portOf: (job: SoakJob) => number;
  readonly hookUrl: (name: string) => string;
  /** Keys of the messages that webhooks took since this was asked last. */
  readonly takeArrivals: () => readonly string[];
  readonly counts: () => { readonly pages: number; readonly unchanged: number; readonly broken: number };
  readonly close: () => void;
}

export interface PagesSettings {
  readonly jobs: readonly SoakJob[];
  readonly now: () => number;
  readonly seed: number;
}

export async function servePages({ jobs, now, seed }: PagesSettings): Promise<Pages> {
  const counts = { pages: 0, unchanged: 0, broken: 0 };
  const arrivals: string[] = [];
  const servers: Server[] = [];
  const ports = new Map<string, number>();
  for (const job of jobs) {
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      const status = answerPage({ request, response }, pageOf(job, { at: now(), seed }));
      counts.pages += 1;
      if (status === 304) counts.unchanged += 1;
      if (status >= 400) counts.broken += 1;
    };
    const server = await listen(job.host, answer);
    servers.push(server);
    ports.set(job.id, portOf(server));
  }
  const hooks = await listen('127.0.0.1', (request, response) => {
    void takeMessage(request).then((key) => {
      const status = hookStatus(request.url ?? '', { at: now(), seed });
      if (status === 200) arrivals.push(key);
      response.writeHead(status).end();
    });
  });
  return {
    portOf: ({ id }) => ports.get(id) ?? 0,
    hookUrl: (name) => `http://127.0.0.1:${portOf(hooks)}/${name}`,
    takeArrivals: () => arrivals.splice(0),
    counts: () => ({ ...counts }),
    close: () => {
      for (const server of [...servers, hooks]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

async function listen(host: string, answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

interface Moment {
  readonly at: number;
  readonly seed: number;
}

function answerPage(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  { status, type, body }: Page,
): number {
  const etag = `"${createHash('sha1').update(body).digest('base64url')}"`;
  if (status === 200 && request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return 304;
  }
  response.writeHead(status, { 'content-type': type, ...(status === 200 ? { etag } : {}) }).end(body);
  return status;
}

function pageOf(job: SoakJob, moment: Moment): Page {
  const { index, kind } = job;
  const { at, seed } = moment;
  const day = dayOf(at);
  const isBad = hashOf(`${seed} ${index} ${day}`) % 5 === 0;
  switch (kind) {
    case 'menu':
      return html(menuOf(index, shownDay(index, at)));
    case 'flaky':
      if (isBad) return index % 20 === 7 ? { ...html('<h1>404</h1>'), status: 404 } : html('<h1>We have moved</h1>');
      return html(menuOf(index, day));
    case 'notices':
      return html(listOf(index, Math.floor(at / (8 * HOUR_MS * (1 + (index % 5))))));
    case 'hourly':
      return html(listOf(index, day));
    case 'price':
      return { status: 200, type: 'application/json', body: JSON.stringify(pricesOf(index, day)) };
    case 'quits':
      return html(day % 3 === 0 ? '<p class="quit">now</p>' : '<p>quiet</p>');
  }
}

function html(inner: string): Page {
  const body = `<!doctype html><meta charset="utf-8"><title>page</title><header><nav>${'<a href="/">home</a> '.repeat(40)}</nav></header><main>${inner}</main>`;
  return { status: 200, type: 'text/html; charset=utf-8', body };
}

/** Every tenth menu is posted late: lunch at 11:55, dinner at 17:25. */
function shownDay(index: number, at: number): number {
  const minute = ((at + SEOUL_MS) % DAY_MS) / 60_000;
  const isLate = index % 10 === 4 && minute < 11 * 60 + 55;
  return isLate ? dayOf(at) - 1 : dayOf(at);
}

function menuOf(index: number, day: number): string {
  const dishes = Array.from({ length: 6 + (index % 9) }, (_, row) => {
    const dish = Math.abs(hashOf(`${index} ${day} ${row}`)) % 900;
    return `<li><b class="name">오늘의 반찬 ${dish}번 김치볶음밥</b> <i class="price">${4000 + dish}원</i></li>`;
  });
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  return `<p class="day">${date}</p><ul id="dishes">${dishes.join('')}</ul>`;
}

function listOf(index: number, newest: number): string {
  const rows = Array.from({ length: LIST_LENGTH }, (_, row) => {
    const id = newest - row;
    return `<li><a href="/notice/${id}">공지 ${index}-${id}</a></li>`;
  });
  return `<ul id="list">${rows.join('')}</ul>`;
}

function pricesOf(index: number, day: number) {
  const products = Array.from({ length: 12 }, (_, row) => ({
    name: `product ${row}`,
    price: 10_000 + (row === day % 12 ? Math.abs(hashOf(`${index} ${day}`)) % 5000 : row),
  }));
  return { products };
}

/** The Korean day, counted from 1970. */
function dayOf(at: number): number {
  return Math.floor((at + SEOUL_MS) / DAY_MS);
}

async function takeMessage(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return (JSON.parse(Buffer.concat(chunks).toString()) as { id: string }).id;
}

/** What a webhook answers: on some days some refuse for half an hour, for good, or in a way nobody can read. */
function hookStatus(url: string, { at, seed }: Moment): number {
  const day = dayOf(at);
  const minute = ((at + SEOUL_MS) % HOUR_MS) / 60_000;
  if (url === '/owner') return 200;
  const trouble = Math.abs(hashOf(`${seed} ${url} ${day}`)) % 12;
  if (trouble === 0 && minute < 30) return 503;
  if (trouble === 1 && minute < 11) return 400;
  if (trouble === 2 && minute < 11) return 500;
  return 200;
}
