import { giveBack } from "../../give-back.ts";

/** Less is not worth the trouble. */
const SMALLEST = 65_536;

/**
 * The memory of one answer. Megabytes arrive hundreds of times a second, and whoever waits for the collector to find that they are read
 * waits for a collection of everything: it goes back when the last of its batches has been copied out of it.
 */
export class AnswerMemory {
  readonly #frame: Uint8Array;
  /** Whoever hands it out is one of them until he is done. */
  #users = 1;
  #isKept: boolean;

  constructor(frame: Uint8Array) {
    this.#frame = frame;
    this.#isKept = frame.buffer.byteLength < SMALLEST;
  }

  use(): void {
    this.#users++;
  }

  /** By each that uses it, once. Who never does leaves it to the collector. */
  done(): void {
    this.#users--;
    if (this.#users === 0 && !this.#isKept) giveBack(new Uint8Array(this.#frame.buffer));
  }

  /** Records that stand in it were handed out, or somebody is unfolding what does: it is theirs. */
  keep(): void {
    this.#isKept = true;
  }
}
