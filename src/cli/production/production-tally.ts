import type { KafkaError, RecordMetadata } from "../../index.ts";

/** Failures of one kind. */
export interface FailureKind {
  readonly code: string;
  count: number;
  /** Where the first of them is, and what was said of it. */
  readonly firstLine: number;
  readonly firstMessage: string;
}

/** There are not many codes; a broker could make some up. */
const MOST_KINDS = 50;

/** What became of the records of a run. */
export class ProductionTally {
  /** Written, or sent if nobody was asked to confirm it. */
  records = 0;
  /** Of their keys and values. */
  bytes = 0;
  failed = 0;
  /** Of those that failed: nobody can tell whether they are written. */
  possiblyPersisted = 0;
  wrongLines = 0;
  readonly kinds: Map<string, FailureKind> = new Map();

  get isFlawless(): boolean {
    return this.failed === 0 && this.wrongLines === 0;
  }

  delivered({ serializedKeySize, serializedValueSize }: RecordMetadata): void {
    this.records++;
    this.bytes += Math.max(0, serializedKeySize) + Math.max(0, serializedValueSize);
  }

  /** @returns the kind, if this is the first of it */
  recordFailed(line: number, error: KafkaError): FailureKind | undefined {
    this.failed++;
    if (error.verdict === "possibly persisted") this.possiblyPersisted++;
    return this.#count(error.code, line, error.message);
  }

  /** @returns the kind, if this is the first of it */
  lineIsWrong(line: number, problem: string): FailureKind | undefined {
    this.wrongLines++;
    return this.#count("WRONG_LINE", line, problem);
  }

  #count(code: string, line: number, message: string): FailureKind | undefined {
    const known = this.kinds.get(code);
    if (known !== undefined) known.count++;
    else if (this.kinds.size < MOST_KINDS) {
      const kind = { code, count: 1, firstLine: line, firstMessage: message };
      this.kinds.set(code, kind);
      return kind;
    }
    return undefined;
  }
}
