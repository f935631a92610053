/** How many keys there are: records whose offsets are equal modulo this have the same one. */
export const KEYS = 7;

/** What lies at an offset: whoever reads it can tell whether it is what was written there. */
export function valueAt(topic: string, partition: number, offset: number): string {
  return `${topic}-${partition}/${offset}`;
}

export function keyAt(offset: number): string {
  return `key-${offset % KEYS}`;
}
