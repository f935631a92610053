/**
 * zstd by streams that are used again. Each call of Node's own one-shot functions makes a context of up to some megabytes, which lives
 * until the garbage collector happens to come by: it knows nothing of their size. A stream keeps one for all of its frames.
 */

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
  compress(bytes: Uint8Array, level: number | undefined): Promise<Uint8Array> {
    const own = this.#levels.get(level) ?? { idle: [], waiting: [], lanes: 0 };
    this.#levels.set(level, own);
    return new Promise((resolve, reject) => {
      own.waiting.push({ bytes, resolve, reject });
      this.#next(own, level);
    });
  }

  #next(own: Level, level: number | undefined): void {
    if (own.waiting.length === 0) return;
    const lane = own.idle.pop() ?? (own.lanes < MOST_STREAMS ? this.#newLane(own, level) : undefined);
    const job = lane === undefined ? undefined : own.waiting.shift();
    if (lane === undefined || job === undefined) return;
    lane.run(job.bytes, (result) => {
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
  #onDone: ((result: Uint8Array | Error) => void) | undefined;

  constructor(stream: ZstdStream) {
    this.#stream = stream;
    stream.on("data", (chunk) => this.#chunks.push(chunk));
    stream.on("error", (error) => this.#done(error));
  }

  run(bytes: Uint8Array, onDone: (result: Uint8Array | Error) => void): void {
    this.#onDone = onDone;
    this.#stream.write(bytes, (error) => {
      const chunks = this.#chunks;
      this.#chunks = [];
      this.#done(error ?? (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    });
  }

  #done(result: Uint8Array | Error): void {
    const onDone = this.#onDone;
    this.#onDone = undefined;
    onDone?.(result);
  }
}
