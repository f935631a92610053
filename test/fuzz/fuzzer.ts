/**
 * A coverage-guided fuzzer: inputs that make code run which has not run before are kept and changed further. Coverage is looked
 * at once per batch, because a look takes longer than a dozen inputs; a batch with something new is run again, input by input.
 */
import { getHeapStatistics } from "node:v8";
import { KafkaError } from "../../src/protocol/kafka-error.ts";
import { type Coverage, SeenCode } from "./coverage.ts";
import { mutated } from "./mutate.ts";
import { Random } from "./random.ts";
import type { Target } from "./target.ts";

const BATCH = 32;
/** An input that takes longer is a finding; nearly all take well under a millisecond. */
const MOST_MS = 2000;
/** Memory that reading may take, whatever the input: 64 MiB, and some for each byte. */
const MOST_BYTES = 64 << 20;
const MOST_BYTES_PER_BYTE = 4096;

export interface Finding {
  readonly target: string;
  readonly hex: string;
  readonly problem: string;
}

export interface FuzzResult {
  readonly target: string;
  readonly inputs: number;
  readonly findings: readonly Finding[];
  readonly seeds: number;
  /** Blocks of code that the seeds reach, and that only mutations of them reached. */
  readonly seedBlocks: number;
  readonly newBlocks: number;
  /** Inputs that were kept because they reached something new. */
  readonly kept: number;
  readonly slowestMs: number;
}

export interface FuzzOptions {
  readonly seed: number;
  /** Called before each batch. */
  readonly isDone: (inputs: number) => boolean;
  /** So many of the seeds are used, spread over all of them. */
  readonly mostSeeds?: number;
}

/** Runs one input; what is wrong with it, if anything. */
export async function problemOf(target: Target, input: Uint8Array): Promise<{ problem: string | undefined; ms: number }> {
  const before = memoryInUse();
  const startedAt = performance.now();
  let problem: string | undefined;
  let result: unknown;
  try {
    result = target.read(input);
    if (result instanceof Promise) await result;
  } catch (error) {
    if (!(error instanceof KafkaError)) problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const ms = performance.now() - startedAt;
  const grown = memoryInUse() - before;
  if (ms > MOST_MS) problem ??= `took ${Math.round(ms)} ms`;
  if (grown > MOST_BYTES + MOST_BYTES_PER_BYTE * input.length) problem ??= `took ${grown} bytes of memory`;
  return { problem, ms };
}

function memoryInUse(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/** Fuzzes one target. */
export async function fuzz(target: Target, coverage: Coverage, options: FuzzOptions): Promise<FuzzResult> {
  const run = new FuzzRun(target, coverage, options);
  await run.seed();
  while (!options.isDone(run.inputs)) await run.batch();
  return run.result();
}

class FuzzRun {
  inputs = 0;
  readonly #target: Target;
  readonly #coverage: Coverage;
  readonly #random: Random;
  readonly #seen: SeenCode = new SeenCode();
  readonly #dictionary: readonly Uint8Array[];
  readonly #seeds: readonly Uint8Array[];
  readonly #kept: Uint8Array[] = [];
  readonly #findings: Finding[] = [];
  #seedBlocks = 0;
  #newBlocks = 0;
  #slowestMs = 0;

  constructor(target: Target, coverage: Coverage, { seed, mostSeeds = Number.POSITIVE_INFINITY }: FuzzOptions) {
    this.#target = target;
    this.#coverage = coverage;
    this.#random = new Random(seed);
    this.#dictionary = (target.dictionary ?? []).map((word) => Buffer.from(word, "latin1"));
    const seeds = target.seeds();
    const step = Math.max(1, Math.floor(seeds.length / mostSeeds));
    this.#seeds = seeds.filter((_seed, i) => i % step === 0);
  }

  async seed(): Promise<void> {
    this.#coverage.take();
    for (const input of this.#seeds) await this.#read(input);
    this.#seedBlocks = this.#seen.newBlocks(this.#coverage.take(), true);
  }

  async batch(): Promise<void> {
    const inputs = Array.from({ length: BATCH }, () => this.#mutation());
    for (const input of inputs) await this.#read(input);
    if (this.#seen.newBlocks(this.#coverage.take(), false) > 0) await this.#keepNew(inputs);
  }

  /** Keeps those of the inputs that reach something new, found by halving: most reach nothing. */
  async #keepNew(inputs: readonly Uint8Array[]): Promise<void> {
    for (const input of inputs) await problemOf(this.#target, input);
    const isOne = inputs.length === 1;
    const blocks = this.#seen.newBlocks(this.#coverage.take(), isOne);
    if (blocks === 0) return;
    if (isOne) {
      this.#newBlocks += blocks;
      this.#kept.push(...inputs);
      return;
    }
    const middle = inputs.length >> 1;
    await this.#keepNew(inputs.slice(0, middle));
    await this.#keepNew(inputs.slice(middle));
  }

  result(): FuzzResult {
    return {
      target: this.#target.name,
      inputs: this.inputs,
      findings: this.#findings,
      seeds: this.#seeds.length,
      seedBlocks: this.#seedBlocks,
      newBlocks: this.#newBlocks,
      kept: this.#kept.length,
      slowestMs: this.#slowestMs,
    };
  }

  /** Half of the time a change of what was found, because there something new is likelier. */
  #mutation(): Uint8Array {
    const random = this.#random;
    const isFromKept = this.#kept.length > 0 && random.below(2) === 0;
    const input = mutated(random.pick(isFromKept ? this.#kept : this.#seeds), random, {
      other: random.pick(this.#seeds),
      dictionary: this.#dictionary,
    });
    if (random.below(8) > 0) this.#target.mend?.(input);
    return input;
  }

  async #read(input: Uint8Array): Promise<void> {
    this.inputs++;
    const { problem, ms } = await problemOf(this.#target, input);
    this.#slowestMs = Math.max(this.#slowestMs, ms);
    if (problem !== undefined) this.#findings.push({ target: this.#target.name, hex: Buffer.from(input).toString("hex"), problem });
  }
}
