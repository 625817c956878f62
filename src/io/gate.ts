// A gate that lets so many through at once, and the rest in order.

export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** A place is handed on, so that nobody slips in between. */
export function openGate(most: number): Gate {
  const waiting: (() => void)[] = [];
  const count = { open: 0 };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) count.open -= 1;
    else next();
  };
  return async (work) => {
    if (count.open < most) count.open += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return work().finally(leave);
  };
}
