/** Calls that come while another one is under way come after it, in their order; alone, a call is not delayed at all. */
export class OneAtATime {
  #underWay = 0;
  #last: Promise<unknown> = Promise.resolve();

  get isBusy(): boolean {
    return this.#underWay > 0;
  }

  do<T>(work: () => Promise<T>): Promise<T> {
    const doing = this.#underWay++ === 0 ? this.#count(work) : this.#last.then(() => this.#count(work));
    this.#last = doing.catch(() => undefined);
    return doing;
  }

  /** It is over before whoever asked for it hears so. */
  async #count<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      this.#underWay--;
    }
  }
}
