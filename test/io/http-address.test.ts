import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { guardLookup, makeIsPrivate, resolveHost, watchConnector } from '../../src/io/http-address.ts';

const isPrivate = makeIsPrivate();

test('private, local, shared, reserved and multicast addresses are private', () => {
  const addresses = [
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '[::1]',
    'fe80::1%eth0',
    'fc00::1',
    'fd12:3456::1',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '2001::1',
    '100::1',
  ];
  for (const address of addresses) assert.equal(isPrivate(address), true, address);
});

test('a private IPv4 address inside an IPv6 one is private', () => {
  const addresses = [
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '::127.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::c0a8:1',
    '2002:7f00:1::',
    '2002:c0a8:101::1',
    '64:ff9b:1::1',
  ];
  for (const address of addresses) assert.equal(isPrivate(address), true, address);
});

test('public addresses are public', () => {
  const addresses = [
    '8.8.8.8',
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.1',
    '100.128.0.1',
    '211.249.220.24',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::1',
  ];
  for (const address of addresses) assert.equal(isPrivate(address), false, address);
});

test('what is no address counts as private', () => {
  for (const address of ['', 'localhost', '127.1', '0x7f.1']) assert.equal(isPrivate(address), true, address);
});

test('a name is resolved, an address stays as it is, and an unknown name gives nothing', async () => {
  assert.deepEqual(await resolveHost('[::1]'), ['::1']);
  assert.deepEqual(await resolveHost('192.0.2.1'), ['192.0.2.1']);
  assert.ok((await resolveHost('localhost')).every(isPrivate));
  assert.deepEqual(await resolveHost('menu.invalid'), []);
});

test('a guarded lookup fails when any address of a name is private', () => {
  const answers = [
    [[{ address: '8.8.8.8', family: 4 }], null],
    [
      [
        { address: '8.8.8.8', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ],
      'PrivateAddressError',
    ],
  ] as const;
  for (const [addresses, name] of answers) {
    const lookup = guardLookup(isPrivate, (_host, _options, callback) => callback(null, [...addresses]));
    lookup('menu.example', { all: true }, (error) => assert.equal(error?.name ?? null, name));
  }
});

test('a connector refuses a private literal before it connects, and a private socket after it', () => {
  let connected = 0;
  const socketTo = (address: string) => Object.defineProperty(new Socket(), 'remoteAddress', { value: address });
  const connector = watchConnector(
    (_options, callback) => {
      connected += 1;
      callback(null, socketTo('10.0.0.1'));
    },
    { refuses: isPrivate, connected: () => assert.fail() },
  );
  for (const hostname of ['127.0.0.1', '[::1]', 'menu.example']) {
    connector({ hostname, protocol: 'http:', port: '80' }, (...[error]) =>
      assert.equal(error?.name, 'PrivateAddressError'),
    );
  }
  assert.equal(connected, 1);
});
