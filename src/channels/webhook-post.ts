// One HTTP request, with certainty about the one thing that matters: whether it began to leave this machine. undici tells
// when a connected socket takes the request; whatever fails before that was not sent, by whatever name the failure goes.
import type { Dispatcher } from 'undici';

/** More of an answer than this is not read. */
const MOST_BYTES = 64 * 1024;

export interface Post {
  readonly url: URL;
  readonly method: 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Asked right before the first byte is written; false ends the request unsent. */
  readonly mayStart?: () => boolean;
}

export type Answer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** As much of it as came. */
      readonly body: string;
    }
  /** Nothing was sent. `refused`: undici takes no such request, so that it never will be. */
  | { readonly kind: 'unsent'; readonly error: Error; readonly refused: boolean }
  /** The request went out, at least in part, and no answer came back. */
  | { readonly kind: 'lost'; readonly error: Error };

/** Sends it on a connection of its own. Never rejects; ends when the signal is aborted. */
export function post(
  { url, method, headers, body, mayStart = () => true }: Post,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve) => {
    const { handler, abort } = makeHandler(mayStart, (answer) => {
      signal.removeEventListener('abort', onAbort);
      resolve(answer);
    });
    function onAbort(): void {
      abort(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    }
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort);
    // A kept connection may have been closed by the other side unnoticed, and then nobody knows what it took.
    const options = { origin: url.origin, path: url.pathname + url.search, method, headers, body, reset: true };
    try {
      dispatcher.dispatch(options, handler);
    } catch (error) {
      handler.onResponseError(undefined, error instanceof Error ? error : new Error(String(error)));
    }
  });
}

type Controller = Dispatcher.DispatchController;

function makeHandler(mayStart: () => boolean, settle: (answer: Answer) => void) {
  const chunks: Buffer[] = [];
  let controller: Controller | undefined;
  let head: { readonly status: number; readonly retryAfter: string | undefined } | undefined;
  let failure: Error | undefined;

  /** Once the status is known the rest of the answer only explains it, so that its loss changes nothing. */
  function end(error?: Error): void {
    if (head !== undefined) {
      const body = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, MOST_BYTES));
      settle({ kind: 'answered', ...head, body });
      return;
    }
    const lost = error ?? new Error('the connection was closed');
    settle(
      controller === undefined
        ? { kind: 'unsent', error: lost, refused: isRefusal(lost) }
        : { kind: 'lost', error: lost },
    );
  }

  function abort(error: Error): void {
    end(error);
    failure = error;
    controller?.abort(error);
  }

  const handler = {
    onRequestStart(started: Controller): void {
      if (failure === undefined && !mayStart()) failure = new Error('the message was no longer fresh');
      // Aborted while connecting: undici looks at this before it writes.
      if (failure === undefined) controller = started;
      else started.abort(failure);
    },
    onResponseStart(
      _: Controller,
      status: number,
      headers: Readonly<Record<string, string | string[] | undefined>>,
    ): void {
      if (status >= 200) head = { status, retryAfter: [headers['retry-after']].flat()[0] };
    },
    onResponseData(from: Controller, chunk: Buffer): void {
      chunks.push(chunk);
      const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
      if (bytes >= MOST_BYTES) from.abort(new Error('the answer is too long'));
    },
    onResponseEnd(): void {
      end();
    },
    onResponseError(_: Controller | undefined, error: Error): void {
      end(error);
    },
  };
  return { handler, abort };
}

function isRefusal(error: Error): boolean {
  return 'code' in error && (error.code === 'UND_ERR_INVALID_ARG' || error.code === 'UND_ERR_NOT_SUPPORTED');
}
