import { describe, expect, it } from "vitest";
import { BufferPool } from "./buffer-pool.ts";
import { SharedBytes } from "./shared-bytes.ts";

function made(): { readonly pool: BufferPool; readonly shared: SharedBytes } {
  const pool = new BufferPool({ totalBytes: 1_000_000, idleBytes: 1_000_000 });
  return { pool, shared: new SharedBytes(pool.allocate(4096), pool) };
}

describe("memory that sockets read", () => {
  it("goes back when the batch needs it no more and no socket reads it", () => {
    const { pool, shared } = made();
    shared.giveUp();
    expect(pool.idleBytes).toBe(4096);
  });

  it("P17: stays away from the pool while a socket reads it, though the batch is done with it", () => {
    const { pool, shared } = made();
    shared.retain();
    shared.giveUp();
    expect(pool.idleBytes).toBe(0);
    expect(pool.allocate(4096)).not.toBe(shared.bytes);
    shared.letGo();
    expect(pool.allocate(4096)).toBe(shared.bytes);
  });

  it("stays away while the batch needs it, though every socket has let go", () => {
    const { pool, shared } = made();
    shared.retain();
    expect(shared.isBeingSent).toBe(true);
    shared.letGo();
    expect(shared.isBeingSent).toBe(false);
    expect(pool.idleBytes).toBe(0);
    shared.giveUp();
    expect(pool.idleBytes).toBe(4096);
  });

  it("waits for the last of several sockets: a request that was sent again is in two", () => {
    const { pool, shared } = made();
    shared.retain();
    shared.retain();
    shared.giveUp();
    shared.letGo();
    expect(pool.idleBytes).toBe(0);
    shared.letGo();
    expect(pool.idleBytes).toBe(4096);
  });

  it("goes back once, however often it is given up", () => {
    const { pool, shared } = made();
    shared.giveUp();
    shared.giveUp();
    expect(pool.idleBytes).toBe(4096);
  });
});
