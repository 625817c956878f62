// How an answer is read: by shape. Fields that nobody knows are let fall, for Kakao adds new ones as it likes.
import * as v from '@badrap/valita';

/** Neither NaN nor infinite: JSON may write 1e999. */
export const Finite = v.number().assert(Number.isFinite);

/** A whole number that is exact. */
export const Whole = v.number().assert(Number.isSafeInteger);

/** What `value` holds when it has this shape. Undefined when it has another. */
export function readShape<T>(shape: v.Type<T>, value: unknown): T | undefined {
  const read = shape.try(value, { mode: 'strip' });
  return read.ok ? read.value : undefined;
}

/** For a field of an object: absent, or of another shape, it counts as `fallback`. */
export function orElse<T, F extends string | number | boolean | undefined>(
  shape: v.Type<T>,
  fallback: F,
): v.Type<T | F> {
  return v
    .unknown()
    .optional()
    .map((value) => readShape(shape, value) ?? fallback);
}
