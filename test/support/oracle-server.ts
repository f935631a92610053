// Questions to Apache Kafka's own classes, in a Java process that stays: thousands of answers a second.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { AssignorCase } from "./assignor-cases.ts";
import { endWithThisProcess } from "./child-processes.ts";
import type { CanonicalJson } from "./fixtures.ts";

/** A request or a response. Without `apiKey` and `version` a request is what its header says. */
interface MessageSubject {
  readonly kind: "request" | "response";
  readonly apiKey?: number;
  readonly version?: number;
  /** false: the bytes are a body only. */
  readonly header?: boolean;
}

interface DataSubject {
  readonly kind: "data";
  /** `ConsumerProtocolSubscription`, … */
  readonly name: string;
  readonly version: number;
}

interface Bytes {
  /** Without the frame's length. */
  readonly hex: string;
}

export type OracleQuery =
  | { readonly op: "ping" }
  | ({ readonly op?: "decode" } & Bytes & (MessageSubject | DataSubject))
  | ({ readonly op: "encode"; readonly json: CanonicalJson; readonly headerJson?: CanonicalJson } & (MessageSubject | DataSubject))
  /** What a broker or a client checks beyond the schema: sane versions, one batch, its CRC. */
  | ({ readonly op: "validate"; readonly kind: "request" } & Bytes)
  | ({ readonly op: "validate"; readonly kind: "response"; readonly apiKey: number; readonly version: number } & Bytes)
  /** The content of a records field. */
  | ({ readonly op: "records" } & Bytes)
  /** Groups drawn from a seed, and what the assignors of Java's consumer give to their members. */
  | { readonly op: "client-assignors"; readonly seed: number }
  /** The partition and the hash of a key. */
  | ({ readonly op: "partition"; readonly partitions: number } & Bytes);

export interface OracleAnswer {
  readonly ok: boolean;
  /** Java's exception, where it is not ok. */
  readonly error?: string;
  /** decode: the message and its header as canonical JSON. */
  readonly json?: CanonicalJson;
  readonly header?: CanonicalJson | string;
  readonly apiKey?: number;
  readonly name?: string;
  readonly message?: string;
  readonly version?: number;
  readonly headerVersion?: number;
  readonly bodyOffset?: number;
  /** decode, validate: bytes after the message; 0 if all is well. */
  readonly remaining?: number;
  /** decode: encoding it again gives the same bytes; if not, canonicalHex or reencodeError tells. */
  readonly canonical?: boolean;
  readonly canonicalHex?: string;
  readonly reencodeError?: string;
  /** encode. */
  readonly hex?: string;
  /** validate: Java's own rendering. */
  readonly text?: string;
  /** records. */
  readonly sizeInBytes?: number;
  readonly batches?: readonly CanonicalJson[];
  readonly consumedBytes?: number;
  readonly trailingBytes?: number;
  /** client-assignors. */
  readonly groups?: readonly AssignorCase[];
  /** partition. */
  readonly partition?: number;
  readonly murmur2?: number;
  /** ping. */
  readonly kafka?: string;
}

interface Asked {
  resolve(answer: OracleAnswer): void;
  reject(error: Error): void;
}

export class OracleServer {
  readonly pid: number;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<void>;
  /** In the order of the questions, which is the order of the answers. */
  readonly #asked: Asked[] = [];
  #answered = 0;
  #partialLine: string[] = [];
  #stderr = "";
  #ended: Error | undefined;

  constructor(java: string, args: readonly string[]) {
    this.#process = spawn(java, args, { stdio: "pipe" });
    endWithThisProcess(this.#process);
    this.pid = this.#process.pid ?? 0;
    this.#process.stdout.setEncoding("utf8").on("data", (text: string) => this.#onText(text));
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    // A write to a process that just ended; the exit itself rejects what was asked.
    this.#process.stdin.on("error", () => {});
    this.#exited = new Promise((resolve) => {
      const onEnd = (why: string): void => {
        this.#end(new Error(`the oracle ended (${why})\n${this.#stderr.slice(-2000)}`));
        resolve();
      };
      this.#process.once("error", (error) => onEnd(error.message));
      this.#process.once("close", (code, signal) => onEnd(`exit ${code ?? signal}`));
    });
  }

  /** Asks without waiting for earlier answers; they come in order. A refusal by Java is an answer with `ok: false`. */
  ask(query: OracleQuery): Promise<OracleAnswer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#process.stdin.write(`${JSON.stringify(query)}\n`);
    });
  }

  /** Ends the process; resolves when it is gone. Answers that are still out are awaited first. */
  async close(): Promise<void> {
    this.#process.stdin.end();
    await this.#exited;
  }

  /** A JVM may print warnings of its own: that ends the conversation, because no answer can be trusted behind it. */
  #answer(line: string): void {
    const asked = this.#next();
    try {
      asked?.resolve(JSON.parse(line));
    } catch {
      const error = new Error(`the oracle printed what is no answer: ${line.slice(0, 200)}`);
      asked?.reject(error);
      this.#end(error);
      this.#process.kill();
    }
  }

  #onText(text: string): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.#partialLine.push(text.slice(start, end));
      const line = this.#partialLine.join("");
      this.#partialLine = [];
      start = end + 1;
      this.#answer(line);
    }
    if (start < text.length) this.#partialLine.push(text.slice(start));
  }

  /** A queue by index: shift() on an array of many thousands is slow. */
  #next(): Asked | undefined {
    const asked = this.#asked[this.#answered];
    this.#answered += 1;
    if (this.#answered === this.#asked.length) {
      this.#asked.length = 0;
      this.#answered = 0;
    }
    return asked;
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (let asked = this.#next(); asked !== undefined; asked = this.#next()) asked.reject(this.#ended);
  }
}
