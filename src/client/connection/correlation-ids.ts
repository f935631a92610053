import { nextCorrelationId } from "../../protocol/index.ts";

/** Java's brokers and clients keep the last eight for authenticating again in the middle of a connection (KIP-368). */
const FIRST_RESERVED = 0x7fff_ffff - 7;

/** The ids of a connection's requests. They begin again at 0 before the reserved ones (C18). */
export class CorrelationIds {
  #next: number;

  constructor(first = 0) {
    this.#next = first;
  }

  next(): number {
    const id = this.#next >= FIRST_RESERVED ? 0 : this.#next;
    this.#next = nextCorrelationId(id);
    return id;
  }
}
