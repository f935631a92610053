import { type Profiler, Session } from "node:inspector";

/**
 * Which code has run, as V8 counts it block by block: no instrumentation, and no dependency. Only functions that ran since the
 * last look are reported. Functions that were compiled before the counting began have no blocks, so import what is to be
 * measured afterwards.
 */
export class Coverage {
  readonly #session: Session = new Session();
  readonly #isMeasured: (url: string) => boolean;

  constructor(isMeasured: (url: string) => boolean) {
    this.#isMeasured = isMeasured;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** The functions that ran since the last call. */
  take(): readonly FunctionRun[] {
    let taken: Profiler.TakePreciseCoverageReturnType | undefined;
    // The inspector of one's own thread answers before `post` returns.
    this.#session.post("Profiler.takePreciseCoverage", (error, result) => {
      if (error !== null) throw error;
      taken = result;
    });
    if (taken === undefined) throw new Error("the inspector did not answer at once");
    return taken.result
      .filter(({ url }) => this.#isMeasured(url))
      .flatMap(({ scriptId, functions }) => functions.map(({ ranges }) => ({ scriptId, ranges })));
  }

  stop(): void {
    this.#session.post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }
}

/** A function that ran. Its first range is all of it; the others lie inside and correct the count. */
export interface FunctionRun {
  readonly scriptId: string;
  readonly ranges: readonly Profiler.CoverageRange[];
}

/**
 * What has ever run, by character of source: V8 merges neighbouring blocks with equal counts, so the blocks themselves have no
 * identity that lasts, but the characters they cover do.
 */
export class SeenCode {
  readonly #seen: Map<string, Uint8Array> = new Map();

  /** How many stretches of code have run for the first time. Remembers them if `keep`. */
  newBlocks(runs: readonly FunctionRun[], keep: boolean): number {
    let blocks = 0;
    for (const run of runs) blocks += this.#newBlocksOf(run, keep);
    return blocks;
  }

  #newBlocksOf({ scriptId, ranges }: FunctionRun, keep: boolean): number {
    const whole = ranges[0];
    if (whole === undefined) return 0;
    const { startOffset, endOffset } = whole;
    const key = `${scriptId}:${startOffset}-${endOffset}`;
    const seen = this.#seen.get(key) ?? new Uint8Array(endOffset - startOffset);
    const now = new Uint8Array(endOffset - startOffset);
    for (const range of ranges) now.fill(range.count > 0 ? 1 : 0, range.startOffset - startOffset, range.endOffset - startOffset);
    let blocks = 0;
    for (let i = 0, wasNew = false; i < now.length; i++) {
      const isNew = now[i] === 1 && seen[i] === 0;
      if (isNew && !wasNew) blocks++;
      wasNew = isNew;
      if (isNew && keep) seen[i] = 1;
    }
    if (keep) this.#seen.set(key, seen);
    return blocks;
  }
}
