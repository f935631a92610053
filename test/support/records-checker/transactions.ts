import { words } from "./column.ts";
import type { Findings } from "./findings.ts";
import type { TransactionEnd } from "./records-ledger.ts";

/** All of a transaction is shown as committed, or nothing of it; what belongs to none is always shown. Returns how many keep to it. */
export function checkTransactions(findings: Findings): number {
  const { ledger, anomalies } = findings;
  const shown = words();
  const held = words();
  const torn = new Set<number>();
  for (let id = 0; id < ledger.records; id++) {
    const transaction = ledger.transactionOf(id);
    const isShown = findings.isVisible(id);
    if (transaction > 0) {
      (isShown ? shown : held).add(transaction, 1);
      const wrong = WRONG[ledger.endOf(transaction)];
      if (wrong === undefined || wrong.isShown !== isShown) continue;
      torn.add(transaction);
      anomalies.add(wrong.kind, () => ledger.describe(id));
    } else if (!isShown && findings.isPresent(id)) anomalies.add("hidden", () => ledger.describe(id));
  }
  for (let transaction = 1; transaction <= ledger.transactions; transaction++) {
    const [some, others] = [shown.at(transaction), held.at(transaction)];
    if (ledger.endOf(transaction) !== "unknown" || some === 0 || others === 0) continue;
    torn.add(transaction);
    anomalies.add("torn-transaction", () => `of transaction ${transaction} (unknown) ${some} records are shown, ${others} are not`);
  }
  return ledger.transactions - torn.size;
}

/** Which of both is wrong for a single record; of an unknown end it is either. */
const WRONG: Readonly<Record<TransactionEnd, { kind: "torn-transaction" | "aborted-visible"; isShown: boolean } | undefined>> = {
  committed: { kind: "torn-transaction", isShown: false },
  aborted: { kind: "aborted-visible", isShown: true },
  open: { kind: "aborted-visible", isShown: true },
  unknown: undefined,
};
