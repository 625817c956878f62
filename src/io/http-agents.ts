// The connections: undici's agents by kind, made on first use. `guarded` ones refuse private addresses, `legacy` ones
// speak old TLS. A proxy of the environment is used as curl does; behind one, addresses are checked by name instead.
import { constants } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import type { Agent, Dispatcher, EnvHttpProxyAgent } from 'undici';
import { ConfigError } from '../core/errors.ts';
import { isProxy, PROXY_SHAPE } from '../core/proxy.ts';
import { guardLookup, type IsPrivate, resolveHost, watchConnector } from './http-address.ts';
import { loadUndici } from './http-undici.ts';

export interface AgentSettings {
  readonly connectMs: number;
  readonly isPrivate: IsPrivate;
  readonly lookup?: LookupFunction | undefined;
  /** Undefined for no proxy. */
  readonly proxy: ProxySettings | undefined;
}

export interface ProxySettings {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

export interface AgentKind {
  readonly guarded: boolean;
  readonly legacy: boolean;
  /** A proxy to use in any case, instead of the environment's. */
  readonly proxy: string | undefined;
}

export interface Agents {
  readonly agent: (kind: AgentKind) => Promise<Dispatcher>;
  /** Whether the host of an address is private: by the last connection to it, else by its name. */
  readonly isPrivate: (url: URL) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** Old servers in Korea: TLS 1.0, unsafe renegotiation, short keys. Certificates are checked all the same. */
// 768 bits is what Java gave until its version 7; Node's own limit would be 1024.
const LEGACY_TLS = {
  secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
  minVersion: 'TLSv1',
  ciphers: 'DEFAULT@SECLEVEL=0',
  minDHSize: 768,
} as const;

export function openAgents(settings: AgentSettings): Agents {
  const agents = new Map<string, Promise<Agent | EnvHttpProxyAgent>>();
  const privateOrigins = new Map<string, boolean>();

  function agent(kind: AgentKind): Promise<Dispatcher> {
    const key = `${kind.guarded} ${kind.legacy} ${kind.proxy ?? ''}`;
    const known = agents.get(key);
    if (known !== undefined) return known;

    const made = makeAgent(kind, { settings, privateOrigins });
    agents.set(key, made);
    return made;
  }

  async function isPrivate(url: URL): Promise<boolean> {
    const seen = privateOrigins.get(url.origin);
    if (seen !== undefined) return seen;
    const addresses = await resolveHost(url.hostname, settings.lookup);
    return addresses.some(settings.isPrivate);
  }

  return {
    agent,
    isPrivate,
    close: async () => {
      const open = await Promise.allSettled(agents.values());
      await Promise.all(open.map((made) => (made.status === 'fulfilled' ? made.value.destroy() : undefined)));
    },
  };
}

interface Making {
  readonly settings: AgentSettings;
  readonly privateOrigins: Map<string, boolean>;
}

async function makeAgent(kind: AgentKind, making: Making): Promise<Agent | EnvHttpProxyAgent> {
  const { buildConnector, Agent } = await loadUndici();
  const { guarded, legacy, proxy: own } = kind;
  const { connectMs, isPrivate, lookup } = making.settings;
  const proxy = own === undefined ? making.settings.proxy : { httpProxy: own, httpsProxy: own, noProxy: '' };
  const tls = legacy ? LEGACY_TLS : {};
  const resolve = guarded ? guardLookup(isPrivate, lookup) : lookup;
  const connector = buildConnector({
    ...tls,
    timeout: connectMs,
    allowH2: false,
    ...(resolve === undefined ? {} : { lookup: resolve }),
  });
  const connect = watchConnector(connector, {
    refuses: (address) => guarded && isPrivate(address),
    connected: (origin, address) => making.privateOrigins.set(origin, isPrivate(address ?? '')),
  });
  const options = { connect, allowH2: false, connections: 1, pipelining: 1, connectTimeout: connectMs };
  if (proxy === undefined) return new Agent(options);
  const { EnvHttpProxyAgent } = await import('undici');
  return new EnvHttpProxyAgent({ ...options, ...proxy, requestTls: { ...tls, allowH2: false } });
}

/** The proxy the environment names, in either case of the names; undefined if it names none. Throws ConfigError. */
export function readProxy(env: Readonly<Record<string, string | undefined>>): ProxySettings | undefined {
  const read = (name: string) => (env[name] ?? env[name.toUpperCase()] ?? '').trim();
  const readAddress = (name: string) => {
    const value = read(name);
    const address = value === '' || value.includes('://') ? value : `http://${value}`;
    if (address !== '' && !isProxy(address)) {
      throw new ConfigError([`${name.toUpperCase()} is not the address of a proxy. ${PROXY_SHAPE}`]);
    }
    return address;
  };
  const proxy = {
    httpProxy: readAddress('http_proxy'),
    httpsProxy: readAddress('https_proxy'),
    noProxy: read('no_proxy'),
  };
  return proxy.httpProxy === '' && proxy.httpsProxy === '' ? undefined : proxy;
}
