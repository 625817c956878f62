// A page as it came from the network, for whatever is done with it next.

/** A page as it came, unpacked and not yet decoded. */
export interface Fetched {
  /** After all redirects, without user name and password. */
  readonly url: string;
  readonly requestedUrl: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The author's word on the charset. */
  readonly charset: string | undefined;
  readonly parser: 'fast' | undefined;
  readonly method: string;
}
