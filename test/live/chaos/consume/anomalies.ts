// What must not happen to a group, counted by its name.

export const GROUP_ANOMALIES = {
  lost: "acknowledged to its producer, and handed out to nobody",
  skipped: "an owner left out records that nobody had processed",
  doubled: "one owner was handed a record twice, or out of order",
  "doubled-committed": "handed out again, though it was committed before its new owner came",
  stale: "handed out to a member whose partition another one had by then",
  unowned: "handed out to a member that was not told that the partition is its own",
  rewound: "a commit that goes back behind an earlier one",
  ahead: "a commit of what nobody had processed by then",
  unstored: "a commit that a member was told is stored, and is not",
  "observed-rewound": "what is committed goes back, for somebody who asks",
  "observed-unknown": "what nobody had committed was told to somebody who asks",
  unfinished: "in the end not everything is committed",
  invented: "handed out, or committed, and never written",
  wrong: "what a member noticed itself",
} as const;

export type GroupAnomalyKind = keyof typeof GROUP_ANOMALIES;
