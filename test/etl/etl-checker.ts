import { arrivedFrom, type EtlRecords, keyOf } from "./etl-records.ts";

export type EtlAnomaly = "lost" | "doubled" | "reordered" | "strange";

export interface Arrival {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

export interface EtlFinding {
  readonly anomaly: EtlAnomaly;
  readonly count: number;
  /** The first few. */
  readonly examples: readonly string[];
}

const ANOMALIES: readonly EtlAnomaly[] = ["lost", "doubled", "reordered", "strange"];
const MOST_EXAMPLES = 5;
const NOTHING = { count: 0, examples: [] };

/** Holds what has come through all levels against what was sent: each number once, and those of a key in their order. */
export class EtlChecker {
  readonly #records: EtlRecords;
  readonly #levels: number;
  /** By number: 1 once it has come. */
  readonly #seen: Uint8Array;
  /** By key: the highest number that has come. */
  readonly #last: Int32Array;
  readonly #found = new Map<EtlAnomaly, { count: number; readonly examples: string[] }>();
  #arrived = 0;

  /** @param levels how often each record is passed on */
  constructor(records: EtlRecords, levels: number) {
    this.#records = records;
    this.#levels = levels;
    this.#seen = new Uint8Array(records.count);
    this.#last = new Int32Array(records.keys).fill(-1);
  }

  /** Different ones. */
  get arrived(): number {
    return this.#arrived;
  }

  /** In the order of each partition. */
  saw(arrival: Arrival): void {
    const { key, value } = arrival;
    const arrived = value === null ? undefined : arrivedFrom(value);
    const isOurs = arrived !== undefined && arrived.number < this.#records.count && arrived.way.length === this.#levels;
    if (!isOurs || key !== keyOf(arrived.number, this.#records)) {
      this.#find("strange", exampleOf(arrival));
      return;
    }
    const { number } = arrived;
    if (this.#seen[number] === 1) {
      this.#find("doubled", exampleOf(arrival));
      return;
    }
    this.#seen[number] = 1;
    this.#arrived++;
    const keyNumber = number % this.#records.keys;
    const last = this.#last[keyNumber] ?? -1;
    if (number < last) this.#find("reordered", `${exampleOf(arrival)}, after ${last}`);
    else this.#last[keyNumber] = number;
  }

  /** Once everything has been read. */
  verdict(): readonly EtlFinding[] {
    const found = new Map<EtlAnomaly, Omit<EtlFinding, "anomaly">>([...this.#found, ["lost", this.#lost()]]);
    return ANOMALIES.map((anomaly) => ({ anomaly, ...(found.get(anomaly) ?? NOTHING) }));
  }

  #find(anomaly: EtlAnomaly, example: string): void {
    const found = this.#found.get(anomaly) ?? { count: 0, examples: [] };
    this.#found.set(anomaly, found);
    found.count++;
    if (found.examples.length < MOST_EXAMPLES) found.examples.push(example);
  }

  #lost(): { readonly count: number; readonly examples: readonly string[] } {
    const examples: string[] = [];
    for (
      let number = this.#seen.indexOf(0);
      number >= 0 && examples.length < MOST_EXAMPLES;
      number = this.#seen.indexOf(0, number + 1)
    )
      examples.push(`${keyOf(number, this.#records)}: ${number}`);
    return { count: this.#records.count - this.#arrived, examples };
  }
}

function exampleOf({ partition, offset, key, value }: Arrival): string {
  return `${partition}/${offset} ${key}: ${value}`;
}
