// PDFs made to hurt: each ends in a sentence, in a worker as the daemon starts it, and the jobs beside it go on.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Look } from '../../src/core/job.ts';
import { listJobs } from '../../src/io/jobs-folder.ts';
import { openWorkers } from '../../src/io/workers.ts';
import { assemble, pdfOf, streamOf } from '../core/pdf-fixture.ts';

const WORD = [[{ text: '밥', x: 60, y: 60 }]];

function changed(from: string, to: string): Uint8Array {
  return Buffer.from(Buffer.from(pdfOf(WORD)).toString('latin1').replace(from, to), 'latin1');
}

/** A page that draws a form, which draws itself twice, and so on. */
function selfDrawing(): Uint8Array {
  const resources = '<< /XObject << /A 5 0 R >> /Font << /F 6 0 R >> >>';
  const form = streamOf('/A Do /A Do BT /F 9 Tf (x) Tj ET').replace(
    '<< /Length',
    `<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources ${resources} /Length`,
  );
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources ${resources} /Contents 4 0 R >>`,
    streamOf('/A Do'),
    form,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  return assemble(objects, '');
}

const HOSTILE: Readonly<
  Record<string, { readonly make: () => Uint8Array; readonly says: RegExp; readonly limitMs?: number }>
> = {
  'a page that nests for ever': {
    make: () => pdfOf(WORD, { stream: streamOf('q '.repeat(3_000_000)) }),
    says: /^timeout: .*did not give back control within its limit of 2 s/,
    limitMs: 2000,
  },
  'a stream that unpacks to 300 MB': {
    make: () => pdfOf(WORD, { stream: streamOf(Buffer.alloc(300_000_000, 32)) }),
    says: /^(?:memory: .*more memory|extract: .*without any text|timeout: .*its limit)/,
  },
  'four hundred thousand words': {
    make: () => pdfOf(WORD, { stream: streamOf('BT /F 9 Tf <0002> Tj ET '.repeat(400_000)) }),
    says: /^extract: .*more than the 200000 pieces of text/,
  },
  'a million lines': {
    make: () => pdfOf(WORD, { drawn: '9 9 m 99 9 l S\n'.repeat(1_000_000) }),
    says: /^done$/,
  },
  'pages that hold themselves': { make: () => changed('/Kids [6 0 R]', '/Kids [2 0 R]'), says: /^extract: .*circular/ },
  'brackets without end': {
    make: () => changed('/Type /Catalog', `/Type /Catalog /X ${'['.repeat(200_000)}`),
    says: /^extract: .*cannot be read/,
  },
  'a count of a hundred million pages': { make: () => changed('/Count 1', '/Count 99999999'), says: /^done$/ },
  'a form that draws itself': { make: selfDrawing, says: /^done$/ },
};

const jobsDir = mkdtempSync(join(tmpdir(), 'talkbell-pdf-'));
const bodies = Object.values(HOSTILE).map(({ make }) => make());
const server = createServer((request, response) => response.end(bodies[Number(request.url?.slice(1))]));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const workers = openWorkers({
  env: { ...process.env },
  timezone: 'Asia/Seoul',
  heapMb: 128,
  memoryMb: 300,
  importMs: 5000,
  idleMs: 60_000,
  onOutput: () => {},
  onSecrets: () => {},
  onStart: () => {},
});
after(async () => {
  server.close();
  await workers.close();
  rmSync(jobsDir, { recursive: true, force: true });
});

async function lookAt(file: string, timeLimitMs: number): Promise<Look> {
  const sources = await listJobs(jobsDir);
  await workers.load(sources);
  const source = sources.find((candidate) => candidate.file === file);
  assert.ok(source);
  const at = Date.UTC(2026, 10, 20, 2, 20);
  const run = { job: file, slot: 'main', due: at, at, timezone: 'Asia/Seoul', manual: false, look: 1 };
  return workers.look({ source, run, timeLimitMs, watches: false, validators: [] });
}

function tell(look: Look): string {
  return look.kind === 'failed' ? `${look.failure.kind}: ${look.failure.message}` : look.kind;
}

for (const [index, [what, { says, limitMs = 15_000 }]] of Object.entries(HOSTILE).entries()) {
  test(`${what} ends in a sentence`, async () => {
    const file = `pdf-${index}.ts`;
    const steps = `fetch: (get) => get('${origin}/${index}'), extract: (page) => [{ lines: page.text.length }], render: () => 'x'`;
    writeFileSync(
      join(jobsDir, file),
      `import { defineJob } from 'talkbell'; export default defineJob({ schedule: '* * * * *', to: 'me', ${steps} });`,
    );
    assert.match(tell(await lookAt(file, limitMs)), says);
  });
}
