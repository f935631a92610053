/** The text of docs/transactions.md. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { meaningRows, transactionApis } from "../src/client/producer/transaction/transaction-errors.ts";
import type { EventKind, StateName } from "../src/client/producer/transaction/transaction-state.ts";
import { transactionTable } from "../src/client/producer/transaction/transaction-table.ts";
import { eventsTable, notesOf, stateDiagram, statesTable } from "./state-tables.ts";

/** The function that test/etl runs. */
function recipe(): string {
  const file = fileURLToPath(new URL("../test/etl/transform-once.ts", import.meta.url));
  const [, code = ""] = /^\/\/ docs: from here\n(.*?)\n\/\/ docs: to here$/ms.exec(readFileSync(file, "utf8")) ?? [];
  if (code === "") throw new Error(`${file} has no part for the documentation any more`);
  return code;
}

const INTRODUCTION = `# Transactions

<!-- Rendered by scripts/render-transactions.ts from the tables of src/client/producer/transaction. Do not edit: \`npm run docs\`. -->

A producer with a \`transactionalId\` writes to several partitions, and commits a group's offsets, all together or not at all.

\`\`\`ts
const producer = new Producer({ bootstrapServers, transactionalId: "payments-1" });
await producer.initTransactions();

await producer.transaction(async (tx) => {
  await tx.send("orders", { key: "7", value: "paid" });
  await tx.sendOffsets([{ topic: "payments", partition: 0, offset: 42 }], "copier");
});
\`\`\`

\`transaction\` begins, commits, and aborts when its function throws or the commit is refused. The single calls are
\`beginTransaction\`, \`sendOffsetsToTransaction\`, \`commitTransaction\` and \`abortTransaction\`.

## Consume, transform, produce

What is read from one topic comes to another, transformed, once: each record that counts as read has been written, and the other way round.

\`\`\`ts
${recipe()}
\`\`\`

- The consumer has a \`groupId\`, \`enableAutoCommit: false\` and \`isolationLevel: "read_committed"\`, and each member's producer a
  \`transactionalId\` of its own. Who reads the result reads it with \`read_committed\` as well.
- \`groupMetadata()\` says which member it was that has read: when it has lost its partitions meanwhile, the offsets are refused, the
  transaction is aborted, and whoever has the partitions now does the same work.
- Rebalances happen within \`poll\`, so never in the middle of a transaction. With \`run()\`, take \`groupMetadata()\` when your function is called.
- When it rejects, close both clients and call it with new ones: \`initTransactions\` ends what the old ones have left open, and reading goes
  on from what was committed. Who dies without that is waited for by those who come after it, for \`transactionTimeoutMs\` at most.

\`npm run etl\` sends half a million records through three groups that do this, while members and brokers are killed.

## What to do about an error

Errors in a transaction have a \`severity\`:

| severity | what it means | what to do |
|---|---|---|
| \`retriable\` | the call did not come to its end in time, and nobody knows how far it came | call the same again: it goes on |
| \`abortable\` | something is missing in the transaction | \`abortTransaction()\`, then begin again, from the committed offsets |
| \`fatal\` | brokers take nothing more from this producer | close it, and make another |

A commit that was not answered stays undecided: only \`commitTransaction()\`, called again, finds out; \`abortTransaction()\` and
\`beginTransaction()\` are refused until then. \`transaction\` throws such an error as it is. When aborting fails as well, that failure is in
the error's \`abortFailure\`.

- \`ProducerFencedError\`: another producer has begun with the same \`transactionalId\`, or (before \`transaction.version\` 2) the transaction
  took longer than \`transactionTimeoutMs\`.
- \`TransactionFailedError\`: the call is refused since something in the transaction has failed; \`cause\` says what.
- \`TransactionAbortedError\`: the record was not sent, for its transaction is aborted.

## Two versions

Which one is used, the cluster decides by its feature \`transaction.version\`. It is looked at with every end of a transaction.

| | 0 and 1 (KIP-98, KIP-447) | 2 (KIP-890, Kafka 4.0) |
|---|---|---|
| before the first batch for a partition | AddPartitionsToTxn | nothing: Produce v12 does it |
| before offsets | AddOffsetsToTxn | nothing: TxnOffsetCommit v5 does it |
| the producer's epoch | stays; a new one after failures (InitProducerId v3, Kafka 2.5) | a new one with every end |
| an empty transaction | is ended without a request | is committed without a request, and aborted with one |

With version 1 a request that got no answer may arrive late, when the next transaction is open (KAFKA-17754). After such a request a new
epoch is taken before the next transaction, which such a late comer does not have.

With version 1 \`abortTransaction()\` also waits for requests with records whose \`deliveryTimeoutMs\` is over, until each is answered or its
connection closed (\`requestTimeoutMs\`): before Kafka 3.6 what arrives after the abort opens a transaction that nobody ends, and readers
of committed records stop there. Java's producer does not wait. Where the connection is lost, the broker may still have the request:
Kafka 3.6 and newer refuse it.
`;

const STATES: Readonly<Record<StateName, string>> = {
  UNINITIALIZED: "`initTransactions()` was not called",
  INITIALIZING: "the coordinator is asked for an id and an epoch",
  READY: "a transaction can begin",
  IN_TRANSACTION: "records and offsets are taken",
  COMMITTING: "records are waited for; EndTxn is sent; a new epoch is taken if need be",
  ABORTING: "what is in flight is waited for; EndTxn is sent; a new epoch is taken if need be",
  ABORTABLE_ERROR: "something has failed; what was not sent has failed with it",
  FATAL_ERROR: "nothing is possible but `close()`",
};

const CALLS: readonly EventKind[] = [
  "initTransactions",
  "beginTransaction",
  "send",
  "sendOffsetsToTransaction",
  "commitTransaction",
  "abortTransaction",
];

/** By which tests are found; nobody else knows them. */
const FAULT_IDS = /^(?:[TP]\d+(?:, |: ))+/;

const FATAL: StateName = "FATAL_ERROR";

function errorsTable(): string {
  const rows = meaningRows.map(({ apis, names, meaning, why }) => {
    const where = apis.length === transactionApis.length ? "all" : apis.join(", ");
    return `| ${names.join(", ")} | ${where} | ${meaning} | ${why.replace(FAULT_IDS, "")} |`;
  });
  return `| error | in answers of | means | because |\n|---|---|---|---|\n${rows.join("\n")}\n`;
}

export function transactionsPage(): string {
  const isCall = (event: string): boolean => CALLS.some((call) => call === event);
  return [
    INTRODUCTION,
    `## States\n\n${statesTable(STATES)}`,
    // To the end there is an arrow from everywhere, which is said in words.
    stateDiagram(transactionTable, "UNINITIALIZED", ({ to }) => to === FATAL),
    `A fatal error leads from every state to ${FATAL}. Java's TransactionManager has the same states.\n`,
    `### What a call comes to\n\n–: it is refused. Of \`initTransactions\`, \`commitTransaction\` and \`abortTransaction\` one can be under way at a time.\n\n${eventsTable(transactionTable, isCall)}`,
    `### What else happens\n\n–: it cannot.\n\n${eventsTable(transactionTable, (event) => !isCall(event))}`,
    notesOf(transactionTable),
    `## What brokers' errors mean\n\n\`again\`: the same request, after a pause. \`new epoch\`: abortable, and a new epoch is taken; fatal where the coordinator gives none. \`fenced\`:\nfatal, as a \`ProducerFencedError\`.\n\n${errorsTable()}`,
    "Retriable errors that are not named here are asked again. All others are fatal in InitProducerId, EndTxn and FindCoordinator, and\nabortable elsewhere.\n",
  ].join("\n");
}
