/**
 * zstd by streams that are used again. Each call of Node's own one-shot functions makes a context of up to some megabytes, which lives
 * until the garbage collector happens to come by: it knows nothing of their size. A stream keeps one for all of its frames.
 */
import { newBytes, type OutputRoom } from "../../protocol/records/compression/codec.ts";
import { giveBack } from "../give-back.ts";

/**
 * What we use of node:zlib's: a stream that ends a frame behind every `write`. One task on libuv's threads does both then, and zstd
 * knows how much there will be, so that it takes tables of that size.
 */
export interface ZstdStream {
  write(bytes: Uint8Array, onWritten: (error?: Error | null) => void): boolean;
  on(event: "data", listener: (chunk: Uint8Array) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
}

/** As many as libuv has threads: more would only wait. */
const MOST_STREAMS = 4;

interface Job {
  readonly bytes: Uint8Array;
  readonly room: OutputRoom | undefined;
  readonly resolve: (frame: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** Streams of one level. */
interface Level {
  readonly idle: Lane[];
  readonly waiting: Job[];
  lanes: number;
}

export class ZstdStreams {
  readonly #create: (level: number | undefined) => ZstdStream;
  readonly #levels = new Map<number | undefined, Level>();

  constructor(create: (level: number | undefined) => ZstdStream) {
    this.#create = create;
  }

  /** One frame with all of it. */
  compress(bytes: Uint8Array, level: number | undefined, room?: OutputRoom): Promise<Uint8Array> {
    const own = this.#levels.get(level) ?? { idle: [], waiting: [], lanes: 0 };
    this.#levels.set(level, own);
    return new Promise((resolve, reject) => {
      own.waiting.push({ bytes, room, resolve, reject });
      this.#next(own, level);
    });
  }

  #next(own: Level, level: number | undefined): void {
    if (own.waiting.length === 0) return;
    const lane = own.idle.pop() ?? (own.lanes < MOST_STREAMS ? this.#newLane(own, level) : undefined);
    const job = lane === undefined ? undefined : own.waiting.shift();
    if (lane === undefined || job === undefined) return;
    lane.run(job, (result) => {
      if (result instanceof Error) {
        // Nobody knows what such a stream would write next.
        own.lanes--;
        job.reject(result);
      } else {
        own.idle.push(lane);
        job.resolve(result);
      }
      this.#next(own, level);
    });
  }

  #newLane(own: Level, level: number | undefined): Lane {
    own.lanes++;
    return new Lane(this.#create(level));
  }
}

/** One stream, which compresses one thing at a time. */
class Lane {
  readonly #stream: ZstdStream;
  #chunks: Uint8Array[] = [];
  /** The stream may be writing behind it. */
  #current: ArrayBufferLike | undefined;
  #onDone: ((result: Uint8Array | Error) => void) | undefined;

  constructor(stream: ZstdStream) {
    this.#stream = stream;
    stream.on("data", (chunk) => this.#chunks.push(chunk));
    stream.on("error", (error) => this.#done(error));
  }

  run({ bytes, room = newBytes }: Job, onDone: (result: Uint8Array | Error) => void): void {
    this.#onDone = onDone;
    this.#stream.write(bytes, (error) => this.#done(error ?? this.#taken(room)));
  }

  /** The frame. The stream's own memory is used again, or goes back. */
  #taken(room: OutputRoom): Uint8Array {
    const chunks = this.#chunks;
    this.#chunks = [];
    const frame = room(chunks.reduce((size, { length }) => size + length, 0));
    let position = 0;
    for (const chunk of chunks) {
      frame.set(chunk, position);
      position += chunk.length;
    }
    // The stream fills one buffer after the other, so that it has done with all but the last one.
    const current = chunks.at(-1)?.buffer;
    const filled = new Set(chunks.map(({ buffer }) => buffer));
    if (this.#current !== undefined) filled.add(this.#current);
    for (const buffer of filled) if (buffer !== current) giveBack(new Uint8Array(buffer));
    this.#current = current;
    return frame;
  }

  #done(result: Uint8Array | Error): void {
    const onDone = this.#onDone;
    this.#onDone = undefined;
    onDone?.(result);
  }
}
