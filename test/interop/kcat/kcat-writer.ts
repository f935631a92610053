// kcat as the producer of a plan: one process for each transaction, and for each set of headers.

import { setTimeout as pause } from "node:timers/promises";
import { Admin } from "../../../src/index.ts";
import type { RunningProgram, Stage } from "../scenario.ts";
import type { PlannedRecord, Step, Told } from "../theirs/plan.ts";
import { Kcat } from "./kcat.ts";

/** Long enough to be in none of the plan's records. */
const KEY_ENDS = "<key ends>";
const RECORD_ENDS = "<record ends>";
/** Lines that kcat drops: it sends nothing before it has read much. */
const PADDING = Buffer.alloc(65_536, "\n");
const RETRY_MS = 10;

/** A transaction is a process whose input is not over yet. */
interface Transaction {
  readonly program: RunningProgram;
  isEmpty: boolean;
}

type Opened = Extract<Step, { do: "open" }>;

export class KcatWriter {
  readonly #stage: Stage;
  readonly #kcat: Kcat;
  readonly #topic: string;
  readonly #admin: Admin;
  readonly #opened = new Map<string, Opened>();
  readonly #transactions = new Map<string, Transaction>();
  /** Where the log of each partition must end by now. */
  readonly #ends = new Map<number, number>();
  readonly #places: (readonly [partition: number, offset: number])[] = [];

  constructor(stage: Stage, topic: string) {
    this.#stage = stage;
    this.#kcat = new Kcat(stage);
    this.#topic = topic;
    this.#admin = new Admin({ bootstrapServers: stage.bootstrapServers });
  }

  /** kcat is told neither offsets nor times: the offsets are counted, and kcat reads the times. */
  async follow(steps: readonly Step[]): Promise<readonly Told[]> {
    try {
      for (const step of steps) await this.#do(step);
    } finally {
      await this.#admin.close();
    }
    const from = ["-o", "beginning", "-X", "isolation.level=read_uncommitted", "-f", "%p-%o %T\n"];
    const { stdout } = await this.#kcat.run(["-C", "-t", this.#topic, "-e", "-q", ...from]);
    const times = new Map(stdout.split("\n").map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])]));
    return this.#places.map(([partition, offset]) => [offset, times.get(`${partition}-${offset}`) ?? -1]);
  }

  async #do(step: Step): Promise<void> {
    const { by } = step;
    if (step.do === "open") this.#opened.set(by, step);
    else if (step.do === "begin") this.#transactions.set(by, { program: this.#begin(by), isEmpty: true });
    else if (step.do === "send") await this.#send(by, step.records);
    else if (step.do === "commit" || step.do === "abort") await this.#end(by, step.do);
  }

  #begin(by: string): RunningProgram {
    const id = this.#opened.get(by)?.transactionalId ?? "";
    return this.#kcat.start(["-P", "-t", this.#topic, "-p", "0", ...this.#settings(by), "-X", `transactional.id=${id}`]);
  }

  async #send(by: string, records: readonly PlannedRecord[]): Promise<void> {
    const transaction = this.#transactions.get(by);
    if (transaction !== undefined) {
      transaction.program.write(Buffer.concat([inputOf(records, "\n"), PADDING]));
      transaction.isEmpty = false;
    } else {
      for (const run of runsOf(records)) {
        const parameters = ["-P", "-t", this.#topic, ...run.parameters, ...this.#settings(by), "-D", RECORD_ENDS];
        await this.#kcat.run(parameters, { input: inputOf(run.records, RECORD_ENDS) });
      }
    }
    for (const { partition } of records) this.#places.push([partition, this.#next(partition)]);
    for (const partition of new Set(records.map((record) => record.partition))) await this.#untilAtEnd(partition);
  }

  /** kcat commits at the end of its input, unless it was asked to end. */
  async #end(by: string, how: "commit" | "abort"): Promise<void> {
    const transaction = this.#transactions.get(by);
    if (transaction === undefined) throw new Error(`${by} is in no transaction`);
    this.#transactions.delete(by);
    const { program, isEmpty } = transaction;
    const stopped = how === "abort" ? program.stop("SIGTERM") : program.ended;
    program.endInput();
    const { code } = await stopped;
    if (how === "commit" && code !== 0) throw new Error(`kcat ended with ${code} as it was to commit`);
    if (isEmpty) return;
    this.#next(0);
    await this.#untilAtEnd(0);
  }

  #settings(by: string): readonly string[] {
    const { codec = "none", batchBytes = 0 } = this.#opened.get(by) ?? {};
    const settings = ["linger.ms=5", `batch.size=${batchBytes}`].flatMap((setting) => ["-X", setting]);
    return ["-z", codec, "-K", KEY_ENDS, ...settings];
  }

  /** One more, which is a record or the mark of a transaction's end. */
  #next(partition: number): number {
    const end = this.#ends.get(partition) ?? 0;
    this.#ends.set(partition, end + 1);
    return end;
  }

  async #untilAtEnd(partition: number): Promise<void> {
    const wanted = this.#ends.get(partition) ?? 0;
    for (;;) {
      const [latest] = await this.#admin.listOffsets([{ topic: this.#topic, partition, at: "latest" }]);
      const offset = latest?.offset ?? -1;
      if (offset > wanted) throw new Error(`partition ${partition} ends at ${offset}, and ${wanted} were written to it`);
      if (offset === wanted) return;
      await pause(RETRY_MS, undefined, { signal: this.#stage.signal });
    }
  }
}

interface Run {
  readonly parameters: readonly string[];
  readonly records: PlannedRecord[];
}

/** Records one after the other that one process can send: the partition, the headers, and what empty means are parameters. */
function runsOf(records: readonly PlannedRecord[]): readonly Run[] {
  const runs: Run[] = [];
  for (const record of records) {
    const headers = record.headers.flatMap(([name, value]) => ["-H", value === null ? name : `${name}=${textOf(value)}`]);
    const parameters = ["-p", String(record.partition), ...(record.value === null ? ["-Z"] : []), ...headers];
    const last = runs.at(-1);
    if (last?.parameters.join("\n") === parameters.join("\n")) last.records.push(record);
    else runs.push({ parameters, records: [record] });
  }
  return runs;
}

function inputOf(records: readonly PlannedRecord[], recordEnds: string): Buffer {
  const parts = records.flatMap(({ key, value }) => [
    ...(key === null ? [] : [Buffer.from(key, "hex"), Buffer.from(KEY_ENDS)]),
    Buffer.from(value ?? "", "hex"),
    Buffer.from(recordEnds),
  ]);
  return Buffer.concat(parts);
}

function textOf(bytes: string): string {
  return Buffer.from(bytes, "hex").toString();
}
