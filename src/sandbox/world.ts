// All that the sandbox knows, in one value that the handlers are given.
import type { SandboxApp } from './app.ts';
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Received, RequestLog, Shelf } from './inbox.ts';
import type { Quotas } from './quotas.ts';
import type { Tokens } from './tokens.ts';
import type { Users } from './users.ts';

interface StoredImage {
  readonly bytes: Buffer;
  readonly type: string;
}

export interface World {
  readonly clock: Clock;
  readonly app: SandboxApp;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly quotas: Quotas;
  readonly faults: Faults;
  readonly inbox: Shelf<Received>;
  readonly log: Shelf<RequestLog>;
  readonly images: Map<string, StoredImage>;
  readonly newSecret: () => string;
  /** The sandbox's own origin, known once it listens. */
  readonly origin: () => string;
}
