/** Moving bytes for the block codecs: a loop while it is short, the platform's own copy when that pays for the call. */

const LOOP_UP_TO = 48;
/** A copy that feeds itself takes several calls, so the loop stays ahead for longer. */
const OVERLAPPING_LOOP_UP_TO = 256;

export function copyBytes(source: Uint8Array, start: number, target: Uint8Array, at: number, length: number): void {
  if (length > LOOP_UP_TO) target.set(source.subarray(start, start + length), at);
  else for (let index = 0; index < length; index++) target[at + index] = source[start + index]!;
}

/** Repeats what stands `distance` bytes before `at`; where the two overlap, the copy feeds itself. */
export function copyWithin(target: Uint8Array, at: number, distance: number, length: number): void {
  const from = at - distance;
  if (length <= (distance < length ? OVERLAPPING_LOOP_UP_TO : LOOP_UP_TO)) {
    for (let index = 0; index < length; index++) target[at + index] = target[from + index]!;
    return;
  }
  // What is there doubles with each copy, so that overlapping runs take few calls too.
  for (let copied = 0; copied < length; ) {
    const part = Math.min(distance + copied, length - copied);
    target.copyWithin(at + copied, from, from + part);
    copied += part;
  }
}
