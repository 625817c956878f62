// Which addresses are private, and a connector that refuses them. The check is made on the address a socket really
// connects to: a name may resolve to anything, and differently from one question to the next.
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { buildConnector } from 'undici';

export type IsPrivate = (address: string) => boolean;

const PRIVATE_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
] as const;

const PRIVATE_IPV6 = [
  '::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2001:db8::/32',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
] as const;

/** A connection that a redirect from a public address may not make. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
}

/** Knows the private, local, shared, reserved and multicast ranges, also where IPv6 carries an IPv4 address. */
export function makeIsPrivate(): IsPrivate {
  const list = new BlockList();
  const add = (subnet: string, family: 'ipv4' | 'ipv6') => {
    const [network = '', prefix = ''] = subnet.split('/');
    list.addSubnet(network, Number(prefix), family);
  };
  for (const subnet of PRIVATE_IPV6) add(subnet, 'ipv6');
  for (const subnet of PRIVATE_IPV4) {
    add(subnet, 'ipv4');
    for (const carried of carriers(subnet)) add(carried, 'ipv6');
  }
  return (address) => {
    const bare = address.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
    const family = isIP(bare);
    return family === 0 || list.check(bare, family === 4 ? 'ipv4' : 'ipv6');
  };
}

/** The NAT64 and 6to4 ranges that lead to an IPv4 one. IPv4-mapped addresses BlockList knows by itself. */
function carriers(subnet: string): readonly string[] {
  const [network = '', prefix = ''] = subnet.split('/');
  const hex = network.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  const words = `${hex.slice(0, 2).join('')}:${hex.slice(2).join('')}`;
  return [`64:ff9b::${words}/${96 + Number(prefix)}`, `2002:${words}::/${16 + Number(prefix)}`];
}

/** Resolves a host as a connection would. No addresses for a name nobody knows. */
export async function resolveHost(hostname: string, lookup: LookupFunction = systemLookup): Promise<readonly string[]> {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0) return [bare];
  return new Promise((resolve) => {
    lookup(bare, { all: true }, (error, addresses) => {
      if (error !== null) return resolve([]);
      resolve(typeof addresses === 'string' ? [addresses] : addresses.map(({ address }) => address));
    });
  });
}

/** A lookup that fails if any address of the name is private. It is not asked about addresses written as numbers. */
export function guardLookup(isPrivate: IsPrivate, lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const found = typeof address === 'string' ? [address] : (address ?? []).map((entry) => entry.address);
      const refused = error === null && found.some(isPrivate);
      callback(refused ? new PrivateAddressError(`${hostname} is a private address`) : error, address, family);
    });
  };
}

export interface Watcher {
  /** Told of every connection, by origin. */
  readonly connected: (origin: string, address: string | undefined) => void;
  /** Whether to refuse it. */
  readonly refuses: (address: string) => boolean;
}

/** Checks the address before connecting where the host is one, and the socket's own address after it in any case. */
export function watchConnector(connect: buildConnector.connector, watcher: Watcher): buildConnector.connector {
  return (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) !== 0 && watcher.refuses(host)) return callback(refusal(host), null);

    connect(options, (...result) => {
      const [error, socket] = result;
      if (error !== null) return callback(error, null);

      const address = socket.remoteAddress;
      if (watcher.refuses(address ?? '')) {
        socket.destroy();
        return callback(refusal(host), null);
      }
      watcher.connected(`${options.protocol}//${options.host ?? options.hostname}`, address);
      callback(null, socket);
    });
  };
}

function refusal(host: string): PrivateAddressError {
  return new PrivateAddressError(`${host} is a private address`);
}
