// Bugs that members of groups have had.

import type { Plant } from "./plants.ts";

const CONSUMER = "src/client/consumer";
const BROKERS_GROUPS = "src/broker/groups";
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
  {
    name: "stale-commit-accepted",
    bug: "a coordinator takes the commit of a generation that is over, and of somebody who is no member any more",
    edits: [
      {
        file: `${BROKERS_GROUPS}/classic/offset-claims.ts`,
        search:
          '    if (refusal !== undefined) return refusal;\n    if (generationId !== group.generationId) return "ILLEGAL_GENERATION";\n',
        replacement: '    if (generationId > group.generationId) return refusal ?? "ILLEGAL_GENERATION";\n',
      },
      {
        file: `${BROKERS_GROUPS}/consumer/offset-claims.ts`,
        search: '  if (member === undefined) return "UNKNOWN_MEMBER_ID";\n  if (!isTransactional &&',
        replacement:
          "  if (member === undefined || memberEpoch <= member.memberEpoch) return undefined;\n  if (!isTransactional &&",
      },
    ],
  },
  {
    name: "delivered-after-a-stall",
    bug: "after a handler that stood still for a session, records are handed out that others have by then",
    edits: [
      {
        file: `${CONSUMER}/consumer-core.ts`,
        search: "const STEPS_PER_LOOK_OF_MEMBERS = 1;",
        replacement: "const STEPS_PER_LOOK_OF_MEMBERS = 64;",
      },
    ],
  },
  {
    name: "failed-and-gone-past",
    bug: "run() goes on behind a record whose function has thrown",
    edits: [
      {
        file: `${CONSUMER}/running/run-loop.ts`,
        search: "const isCutShort = this.#isStopped || partition.isLeaving;",
        replacement: "const isCutShort = (this.#isStopped && this.#failure === undefined) || partition.isLeaving;",
      },
    ],
  },
  {
    name: "stranger-in-a-transaction",
    bug: "offsets in a transaction do not say which member they are from: one that was thrown out of its group commits, too",
    edits: [
      {
        file: "src/client/producer/transaction/commit-offsets.ts",
        search: 'const { groupId, generationId = UNKNOWN_GENERATION, memberId = "", groupInstanceId = null } = group;',
        replacement:
          'const { groupId } = group;\n  const [generationId, memberId, groupInstanceId] = [UNKNOWN_GENERATION, "", null];',
      },
    ],
  },
  {
    name: "unstable-offsets",
    bug: "where a group goes on is asked for without waiting for transactions that are about to change it",
    edits: [
      {
        file: `${CONSUMER}/commit/committed-offsets.ts`,
        search: "const requireStable = version >= FIRST_WITH_STABLE_OFFSETS;",
        replacement: "const requireStable = version >= 1000 * FIRST_WITH_STABLE_OFFSETS;",
      },
    ],
  },
  {
    name: "thrown-out-and-nobody",
    bug: "a member that was thrown out tells its transactions nothing of who it was, and is taken for an outsider, who may commit",
    edits: [
      {
        file: MEMBER,
        search: "return this.#seat.standing ?? this.#lastName ?? {",
        replacement: "return this.#seat.standing ?? {",
      },
    ],
  },
];
