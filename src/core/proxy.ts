// What the address of a proxy looks like, wherever one is given: in the environment, in a job, in a get.

/** For the error of one that is none: never with the address itself, which may hold a password. */
export const PROXY_SHAPE = 'Write it like http://proxy.example:3128.';

export function isProxy(address: string): boolean {
  return URL.canParse(address) && /^(https?|socks5?):$/.test(new URL(address).protocol);
}
