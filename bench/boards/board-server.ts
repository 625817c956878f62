// Boards and the webhooks they are told to, in a process of its own: one address of the loopback network for each job,
// so that politeness to one host holds back nobody.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Board, makeBoard, POSTS_A_ROUND } from './board.ts';
import { type Answer, OWNER_PATH, type Question, type Turn } from './board-protocol.ts';

const boards: Board[] = [];
const servers: Server[] = [];
const edition = { newest: 1000, changes: new Map<number, number>() };
const size = { jobs: 0, bytes: 0 };
let seen = { pages: 0, unchanged: 0, messages: 0, lastMessageAt: 0 };

process.on('disconnect', () => process.exit(0));
process.on('message', (question) => void answer(question as Question));

async function answer(question: Question): Promise<void> {
  switch (question.type) {
    case 'open':
      size.jobs = question.jobs;
      size.bytes = question.bytes;
      print();
      return tell({ type: 'open', ports: await openAll(question.jobs), hooks: await open('127.0.0.1', takeMessage) });
    case 'turn':
      turn(question.to);
      return tell({ type: 'turned' });
    case 'seen':
      return tell({ type: 'seen', ...seen });
  }
}

function tell(message: Answer): void {
  process.send?.(message);
}

function turn(to: Turn): void {
  if (to === 'new') edition.newest += POSTS_A_ROUND;
  for (let at = 0; to === 'changed' && at < POSTS_A_ROUND; at += 1) {
    const post = edition.newest - at;
    edition.changes.set(post, (edition.changes.get(post) ?? 0) + 1);
  }
  if (to !== 'same') print();
  seen = { pages: 0, unchanged: 0, messages: 0, lastMessageAt: 0 };
}

/** Before anybody asks: what a round measures is not how fast pages are written. */
function print(): void {
  for (let job = 0; job < size.jobs; job += 1) boards[job] = makeBoard(job, edition, size.bytes);
}

async function openAll(jobs: number): Promise<readonly { readonly host: string; readonly port: number }[]> {
  const all = Array.from({ length: jobs }, async (_, job) => {
    const host = `127.0.${Math.floor((job + 2) / 250)}.${((job + 2) % 250) + 1}`;
    return { host, port: await open(host, (request, response) => showBoard(job, request, response)) };
  });
  return Promise.all(all);
}

async function open(host: string, listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

function showBoard(job: number, request: IncomingMessage, response: ServerResponse): void {
  const board = boards[job];
  if (board === undefined || request.url !== '/board') {
    response.writeHead(404).end();
    return;
  }
  const { etag, body } = board;
  if (request.headers['if-none-match'] === etag) {
    seen.unchanged += 1;
    response.writeHead(304, { etag }).end();
    return;
  }
  seen.pages += 1;
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': body.length, etag })
    .end(body);
}

function takeMessage(request: IncomingMessage, response: ServerResponse): void {
  request.resume().on('end', () => {
    if (request.url !== OWNER_PATH) {
      seen.messages += 1;
      seen.lastMessageAt = Date.now();
    }
    response.writeHead(200).end();
  });
}
