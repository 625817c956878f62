// Room for large pages: as a tree, a page of some megabytes takes most of a worker's heap. A look whose page finds no room
// waits until others have ended. The look that has held a large page longest never waits, so that there is always an end.

/** What the tree of a page takes: 33 bytes for each of its own, measured on a board. Half of the heap is for them. */
const HEAP_PER_BYTE = 64;
/** As many looks as may be under way at once: each may hold its part of the room unasked. */
const PARTS = 32;
/** What is left of less than such a part of the room is not worth a sweep. */
const SWEPT_PARTS = 4;
/** Bytes that have come and wait, as a multiple of the room: they lie outside the heap. */
const WAITING = 8;

export interface PageRoomSettings {
  readonly heapBytes: number;
  /**
   * Takes what an ended look held out of the heap, before the next large page comes: V8 counts what dies while it marks as
   * alive, and ends a process for a heap that is full of it.
   */
  readonly sweep: () => void;
}

export interface PageRoom {
  /** `onWait` and `onGo` take turns: while a look waits, its time stands still. */
  readonly enter: (look: { readonly onWait: () => void; readonly onGo: () => void }) => Place;
}

/** The place of one look. */
export interface Place {
  /** So many bytes wait for room that the look must not ask for more: never, if it holds a large page itself. */
  readonly isCrowded: () => boolean;
  /** Waits until it is no longer crowded. */
  readonly uncrowded: () => Promise<void>;
  /** Waits until a page of so many bytes may be read. Small pages never wait. */
  readonly take: (bytes: number) => Promise<void>;
  /** At the end of the look, whatever it came to: what it still waits for, or asks for later, never comes. */
  readonly leave: () => void;
}

interface Holder {
  held: number;
  left: boolean;
}

interface Waiter {
  readonly holder: Holder;
  readonly bytes: number;
  readonly go: () => void;
}

interface State {
  readonly most: number;
  readonly sweep: () => void;
  /** Looks that hold more than their part, in the order in which they came to it. */
  holders: readonly Holder[];
  waiting: readonly Waiter[];
  atDoor: readonly Waiter[];
}

export function openPageRoom({ heapBytes, sweep }: PageRoomSettings): PageRoom {
  const state: State = { most: heapBytes / HEAP_PER_BYTE, sweep, holders: [], waiting: [], atDoor: [] };
  return {
    enter: ({ onWait, onGo }) => {
      const holder: Holder = { held: 0, left: false };
      const wait = async (queue: 'waiting' | 'atDoor', bytes: number): Promise<void> => {
        onWait();
        await new Promise<void>((go) => {
          state[queue] = [...state[queue], { holder, bytes, go }];
          letIn(state);
        });
        onGo();
      };
      return {
        isCrowded: () => isCrowded(state, holder),
        uncrowded: async () => {
          if (isCrowded(state, holder)) await wait('atDoor', 0);
        },
        take: async (bytes) => {
          if (holder.left) await new Promise<never>(() => undefined);
          else if (isSmall(state, holder, bytes)) hold(state, holder, bytes);
          else if (isNext(state, holder) && mayHold(state, holder, bytes)) hold(state, holder, bytes);
          else await wait('waiting', bytes);
        },
        leave: () => leave(state, holder),
      };
    },
  };
}

function leave(state: State, holder: Holder): void {
  const isOther = (waiter: Waiter): boolean => waiter.holder !== holder;
  holder.left = true;
  state.waiting = state.waiting.filter(isOther);
  state.atDoor = state.atDoor.filter(isOther);
  // Whatever still stands on the stack for the look is gone by then.
  setImmediate(() => {
    if (holder.held > state.most / SWEPT_PARTS) state.sweep();
    state.holders = state.holders.filter((other) => other !== holder);
    letIn(state);
  });
}

/** Nobody overtakes those that wait, but the one they wait for. */
function isNext({ holders, waiting }: State, holder: Holder): boolean {
  return waiting.length === 0 || holders[0] === holder;
}

/** Those that hold a page go first, in order: what they wait for holds up all others. */
function letIn(state: State): void {
  for (;;) {
    const [next] = state.waiting.toSorted((one, other) => rankOf(state, one) - rankOf(state, other));
    if (next === undefined || !mayHold(state, next.holder, next.bytes)) break;
    state.waiting = state.waiting.filter((waiter) => waiter !== next);
    hold(state, next.holder, next.bytes);
    next.go();
  }
  const free = state.atDoor.filter(({ holder }) => !isCrowded(state, holder));
  state.atDoor = state.atDoor.filter((waiter) => !free.includes(waiter));
  for (const { go } of free) go();
}

function rankOf({ holders }: State, { holder }: Waiter): number {
  const at = holders.indexOf(holder);
  return at < 0 ? holders.length : at;
}

function hold(state: State, holder: Holder, bytes: number): void {
  holder.held += bytes;
  if (holder.held > state.most / PARTS && !state.holders.includes(holder)) state.holders = [...state.holders, holder];
}

/** The pages beside a large one are small as well, each by itself. */
function isSmall({ most, holders }: State, holder: Holder, bytes: number): boolean {
  return (holders.includes(holder) ? bytes : holder.held + bytes) <= most / PARTS;
}

function mayHold({ most, holders }: State, holder: Holder, bytes: number): boolean {
  const [first] = holders;
  if (first === undefined || first === holder) return true;
  const own = holders.includes(holder) ? 0 : holder.held;
  return holders.reduce((sum, { held }) => sum + held, own + bytes) <= most;
}

function isCrowded({ most, holders, waiting }: State, holder: Holder): boolean {
  if (holders.includes(holder)) return false;
  return waiting.reduce((sum, { bytes }) => sum + bytes, 0) > most * WAITING;
}
