// What talkbell needs of undici, loaded when first asked for and without the rest of it: see src/undici-parts.d.ts.
/// <reference path="../undici-parts.d.ts" />
import type { Agent, buildConnector, Dispatcher } from 'undici';

export interface Undici {
  readonly Agent: typeof Agent;
  readonly buildConnector: typeof buildConnector;
  readonly request: (dispatcher: Dispatcher, url: URL, options: RequestOptions) => Promise<Dispatcher.ResponseData>;
}

export type RequestOptions = Omit<Dispatcher.RequestOptions, 'origin' | 'path'>;

export async function loadUndici(): Promise<Undici> {
  const [agent, connect, request] = await Promise.all([
    import('undici/lib/dispatcher/agent.js'),
    import('undici/lib/core/connect.js'),
    import('undici/lib/api/api-request.js'),
  ]);
  return {
    Agent: agent.default,
    buildConnector: connect.default,
    request: (dispatcher, { origin, pathname, search }, options) =>
      request.default.call(dispatcher, { ...options, origin, path: pathname + search }),
  };
}
