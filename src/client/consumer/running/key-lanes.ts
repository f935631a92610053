import { murmur2 } from "../../../protocol/index.ts";

/** The lane of a record: always the same for a key, any for none. */
export function laneOf(key: Uint8Array | null, index: number, lanes: number): number {
  return key === null ? index % lanes : (murmur2(key) & 0x7fff_ffff) % lanes;
}
