import type { ProducerRecord } from "../../index.ts";

export interface InputRecord {
  /** The line that it begins in, from 1. */
  readonly line: number;
  readonly record: ProducerRecord;
}

export interface WrongInput {
  readonly line: number;
  /** What is wrong with it, and perhaps what to do. */
  readonly problem: string;
}

export type InputItem = InputRecord | WrongInput;

/** Makes records of bytes that come in pieces. */
export interface RecordParser {
  /** What ends in this piece. To be read to its end before the next piece is pushed. */
  push(piece: Uint8Array): Iterable<InputItem>;
  /** What is left at the end of the input. */
  end(): Iterable<InputItem>;
}

/** The input as a whole cannot be read: its head is not what was asked for. */
export class UnreadableInputError extends Error {}
