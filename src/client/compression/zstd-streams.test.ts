import { describe, expect, it } from "vitest";
import { type ZstdStream, ZstdStreams } from "./zstd-streams.ts";

/** Repeats what it is given in a frame of brackets, in two chunks, when it is let. */
class BracketStream implements ZstdStream {
  readonly written: string[] = [];
  #onData: ((chunk: Uint8Array) => void) | undefined;
  #onError: ((error: Error) => void) | undefined;
  #onWritten: ((error?: Error) => void) | undefined;

  write(bytes: Uint8Array, onWritten: (error?: Error | null) => void): boolean {
    this.written.push(Buffer.from(bytes).toString());
    this.#onWritten = onWritten;
    return true;
  }

  on(event: "data", listener: (chunk: Uint8Array) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "data" | "error", listener: ((chunk: Uint8Array) => void) & ((error: Error) => void)): this {
    if (event === "data") this.#onData = listener;
    else this.#onError = listener;
    return this;
  }

  finish(): void {
    this.finishWith(Buffer.from("<"), Buffer.from(`${this.written.at(-1)}>`));
  }

  finishWith(...chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.#onData?.(chunk);
    this.#onWritten?.();
  }

  fail(error: Error): void {
    this.#onWritten?.(error);
    this.#onError?.(error);
  }
}

function made(): {
  readonly streams: ZstdStreams;
  readonly all: { readonly stream: BracketStream; readonly level: number | undefined }[];
} {
  const all: { stream: BracketStream; level: number | undefined }[] = [];
  const streams = new ZstdStreams((level) => {
    const stream = new BracketStream();
    all.push({ stream, level });
    return stream;
  });
  return { streams, all };
}

const text = async (frame: Promise<Uint8Array>): Promise<string> => Buffer.from(await frame).toString();
const bytes = (content: string): Uint8Array => Buffer.from(content);

describe("streams of zstd", () => {
  it("make a frame of each input, and are used again", async () => {
    const { streams, all } = made();
    const one = text(streams.compress(bytes("one"), 3));
    all[0]!.stream.finish();
    expect(await one).toBe("<one>");
    const two = text(streams.compress(bytes("two"), 3));
    all[0]!.stream.finish();
    expect(await two).toBe("<two>");
    expect(all).toHaveLength(1);
  });

  it("are four at most for a level; the others wait in their order", async () => {
    const { streams, all } = made();
    const frames = ["a", "b", "c", "d", "e", "f"].map((one) => text(streams.compress(bytes(one), undefined)));
    expect(all.map(({ stream }) => stream.written)).toEqual([["a"], ["b"], ["c"], ["d"]]);
    all[2]!.stream.finish();
    expect(all[2]!.stream.written).toEqual(["c", "e"]);
    void streams.compress(bytes("x"), 19);
    expect(all.map(({ level }) => level)).toEqual([undefined, undefined, undefined, undefined, 19]);
    for (const { stream } of [all[2]!, all[0]!, all[1]!, all[3]!]) stream.finish();
    expect(all[2]!.stream.written).toEqual(["c", "e", "f"]);
    all[2]!.stream.finish();
    expect(await Promise.all(frames)).toEqual(["<a>", "<b>", "<c>", "<d>", "<e>", "<f>"]);
  });

  it("lose the memory that they have filled, and not what they are still writing into", async () => {
    const { streams, all } = made();
    const [first, second] = [Buffer.allocUnsafeSlow(100_000), Buffer.allocUnsafeSlow(100_000)];
    const [a, b] = [first.fill("a"), second.fill("b")];
    const one = text(streams.compress(bytes("one"), 3));
    all[0]!.stream.finishWith(a.subarray(0, 60_000), a.subarray(60_000), b.subarray(0, 20_000));
    expect(await one).toBe("a".repeat(100_000) + "b".repeat(20_000));
    expect([first.length, second.length]).toEqual([0, 100_000]);
    const two = text(streams.compress(bytes("two"), 3));
    all[0]!.stream.finishWith(b.subarray(20_000));
    expect(await two).toBe("b".repeat(80_000));
    expect(second.length).toBe(100_000);
    const three = text(streams.compress(bytes("three"), 3));
    all[0]!.stream.finishWith(Buffer.from("c"));
    expect(await three).toBe("c");
    expect(second.length).toBe(0);
  });

  it("write where they are told to", async () => {
    const { streams, all } = made();
    const room = Buffer.alloc(100);
    const frame = streams.compress(bytes("one"), 3, (size) => room.subarray(10, 10 + size));
    all[0]!.stream.finish();
    expect((await frame).buffer).toBe(room.buffer);
    expect(room.toString("latin1", 10, 15)).toBe("<one>");
  });

  it("that broke are not used again; who waits gets another", async () => {
    const { streams, all } = made();
    const frames = ["a", "b", "c", "d", "e"].map((one) => text(streams.compress(bytes(one), undefined)));
    const broken = new Error("out of memory");
    all[0]!.stream.fail(broken);
    await expect(frames[0]).rejects.toBe(broken);
    expect(all).toHaveLength(5);
    for (const { stream } of all.slice(1)) stream.finish();
    expect(await Promise.all(frames.slice(1))).toEqual(["<b>", "<c>", "<d>", "<e>"]);
  });
});
