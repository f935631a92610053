// Bugs that members of groups have had.

import type { Plant } from "./plants.ts";

const CONSUMER = "src/client/consumer";
const MEMBER = `${CONSUMER}/membership/group-member.ts`;

export const groupPlants: readonly Plant[] = [
  {
    name: "committed-before-processed",
    bug: "what is committed automatically, and before a partition goes, is what was handed out",
    edits: [
      {
        file: `${CONSUMER}/commit/commit-entry.ts`,
        search: "return { topic, partition, offset: processedOffset, metadata",
        replacement: "return { topic, partition, offset: position ?? processedOffset, metadata",
      },
    ],
  },
  {
    name: "revoked-delivered",
    bug: "what a rebalance takes away is read on, until the next assignment says what is held",
    edits: [
      {
        file: MEMBER,
        search: "    this.#init.holdings.hold(this.held().filter((one) => !going.includes(one)));\n",
        replacement: "",
      },
    ],
  },
  {
    name: "user-commit-taken-back",
    bug: "what the user commits himself is overwritten by an automatic commit of less",
    edits: [
      {
        file: `${CONSUMER}/assignment/assigned-partition.ts`,
        search: "this.unprocessedFrom = offset < this.offset ? offset : undefined;",
        replacement: "this.unprocessedFrom = Math.min(offset, this.unprocessedFrom);",
      },
    ],
  },
];
