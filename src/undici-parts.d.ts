// The parts of undici that talkbell loads by themselves: its entry also brings fetch, WebSocket, caches and mocks, 8 MB
// and 20 ms in every process. Its agents for proxies work only with the entry. test/io/undici-parts.test.ts holds that they are the same that the entry gives.
declare module 'undici/lib/dispatcher/agent.js' {
  import { Agent } from 'undici';
  export = Agent;
}

declare module 'undici/lib/core/connect.js' {
  import { buildConnector } from 'undici';
  export = buildConnector;
}

declare module 'undici/lib/api/api-request.js' {
  import type { Dispatcher } from 'undici';

  /** As `Dispatcher.request`, which only the entry adds to the dispatchers. */
  function request(this: Dispatcher, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>;
  export = request;
}
