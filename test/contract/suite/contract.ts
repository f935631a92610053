// What a contract is: a sentence about Kafka as a user of the client sees it, and the code that shows that it is so.

import type { Capability } from "./cannot-do.ts";
import type { Stage } from "./stage.ts";

export interface Contract {
  readonly chapter: string;
  /** A sentence. */
  readonly name: string;
  /** What the broker has to be able to do for it: `cannot-do.ts` says which releases are not. */
  readonly needs: readonly Capability[];
  /** Throws where the contract is not kept. */
  readonly show: (stage: Stage) => Promise<void>;
}

export interface Chapter {
  readonly name: string;
  readonly contracts: readonly Contract[];
}

export interface ContractOptions {
  readonly needs?: Capability | readonly Capability[];
}

export interface Writing {
  contract(name: string, show: (stage: Stage) => Promise<void>, options?: ContractOptions): void;
}

/** A chapter of the suite: `chapter("Topics", ({ contract }) => { contract("a topic created is listed", async (stage) => …) })`. */
export function chapter(name: string, write: (writing: Writing) => void): Chapter {
  const contracts: Contract[] = [];
  write({
    contract: (sentence, show, { needs = [] } = {}) => {
      if (contracts.some((other) => other.name === sentence)) throw new Error(`${name}: "${sentence}" is there twice`);
      contracts.push({ chapter: name, name: sentence, needs: typeof needs === "string" ? [needs] : needs, show });
    },
  });
  return { name, contracts };
}

/** `Topics: a topic created is listed`, as exceptions and reports name it. */
export function titleOf({ chapter: of, name }: Contract): string {
  return `${of}: ${name}`;
}
