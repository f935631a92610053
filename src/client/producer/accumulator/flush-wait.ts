/** A flush: over when everything that was unsettled when it began is settled. */
export class FlushWait {
  readonly promise: Promise<void>;
  #resolve!: () => void;
  #left = 0;
  #isSealed = false;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** One more to wait for. */
  add(): void {
    this.#left++;
  }

  settled(): void {
    this.#left--;
    this.#check();
  }

  /** All have been added that were there. */
  seal(): void {
    this.#isSealed = true;
    this.#check();
  }

  #check(): void {
    if (this.#isSealed && this.#left === 0) this.#resolve();
  }
}
