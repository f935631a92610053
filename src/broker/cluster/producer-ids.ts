/** Gives out producer ids, each once in the life of the cluster. */
export class ProducerIds {
  #next = 0n;

  next(): bigint {
    return this.#next++;
  }
}
