/** What is sent through the levels: records with numbers, that say on which way they have come. */

/** As consumers give it. */
export type Text = string | null;

export interface EtlRecords {
  readonly count: number;
  readonly keys: number;
}

export interface ArrivedValue {
  readonly number: number;
  /** Who has passed it on, in order. */
  readonly way: readonly string[];
}

/** The records of a key are every so-manyth. */
export function keyOf(number: number, { keys }: EtlRecords): string {
  return `k${number % keys}`;
}

export function firstValue(number: number): string {
  return String(number);
}

export function passedOn(value: Text, by: string): string {
  return `${value} ${by}`;
}

/** Undefined for what nobody has sent. */
export function arrivedFrom(value: string): ArrivedValue | undefined {
  const [number = "", ...way] = value.split(" ");
  return /^\d+$/.test(number) ? { number: Number(number), way } : undefined;
}
