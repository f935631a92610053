import { describe, expect, it } from "vitest";
import { BufferPool } from "./buffer-pool.ts";

const poolOf = (bytes: number): BufferPool => new BufferPool({ totalBytes: bytes, idleBytes: bytes });

describe("a pool of buffers", () => {
  it("gives out at least what is asked for, in few sizes", () => {
    const pool = poolOf(1_000_000);
    const sizes = [1, 4096, 4097, 8192, 100_000, 131_072, 131_073, 530_000, 1_000_000];
    const given = [4096, 4096, 5120, 8192, 114_688, 131_072, 163_840, 655_360, 1_048_576];
    expect(sizes.map((size) => pool.allocate(size).length)).toEqual(given);
  });

  it("gives out what came back, to one taker only", () => {
    const pool = poolOf(1_000_000);
    const first = pool.allocate(7200);
    pool.release(first);
    const again = pool.allocate(8000);
    expect(again).toBe(first);
    expect(pool.allocate(8000)).not.toBe(first);
    expect(pool.idleBytes).toBe(0);
  });

  it("takes the whole back when it is given a part of it", () => {
    const pool = poolOf(1_000_000);
    const whole = pool.allocate(7200);
    pool.release(whole.subarray(10, 300));
    const again = pool.allocate(8000);
    expect(again.buffer).toBe(whole.buffer);
    expect(again.length).toBe(8192);
  });

  it("keeps no more than it may", () => {
    const pool = poolOf(10_000);
    const buffers = [pool.allocate(4096), pool.allocate(4096), pool.allocate(4096)];
    for (const buffer of buffers) pool.release(buffer);
    expect(pool.idleBytes).toBe(8192);
    pool.clear();
    expect(pool.idleBytes).toBe(0);
    expect(buffers).not.toContain(pool.allocate(4096));
  });

  it("keeps the less the more is given out", () => {
    const pool = poolOf(10_000);
    const [first, second, third] = [pool.allocate(4096), pool.allocate(4096), pool.allocate(4096)];
    pool.release(first);
    // Two are out, and a third would be too much.
    expect(pool.idleBytes).toBe(0);
    pool.release(second);
    expect(pool.idleBytes).toBe(4096);
    pool.release(third);
    expect(pool.idleBytes).toBe(8192);
  });

  it("keeps no more than may be idle, also when nothing is given out", () => {
    const pool = new BufferPool({ totalBytes: 100_000, idleBytes: 5000 });
    for (const buffer of [pool.allocate(4096), pool.allocate(4096)]) pool.release(buffer);
    expect(pool.idleBytes).toBe(4096);
  });

  it("keeps nothing that is not of one of its sizes, or very large", () => {
    const pool = poolOf(100_000_000);
    pool.release(new Uint8Array(5000));
    pool.release(new Uint8Array(100));
    const large = pool.allocate(5_000_000);
    expect(large.length).toBe(5_000_000);
    pool.release(large);
    expect(pool.idleBytes).toBe(0);
  });

  it("has what it does not keep given back at once", () => {
    const pool = poolOf(200_000);
    const [kept, dropped, large] = [pool.allocate(131_072), pool.allocate(131_072), pool.allocate(5_000_000)];
    for (const bytes of [dropped, kept, large]) pool.release(bytes);
    expect([dropped.length, kept.length, large.length]).toEqual([0, 131_072, 0]);
    pool.clear();
    expect(kept.length).toBe(0);
  });

  it("never gives out memory that is shared with other buffers of Node's", () => {
    const pool = poolOf(1_000_000);
    const small = pool.allocate(100);
    expect(small.byteOffset).toBe(0);
    expect(small.buffer.byteLength).toBe(small.length);
  });
});
