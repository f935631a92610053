/** What somebody who watches a member hears of its rebalances: from the moment it has to let go, or to join, until it is settled again. */
export type RebalanceNews =
  /** `cause` is for people. One may have begun already, with the loss of what was held: then it goes on. */
  | { readonly kind: "began"; readonly cause: string }
  /** The user knows what is held now. */
  | { readonly kind: "ended"; readonly generationId: number }
  /** Nothing will come of it. */
  | { readonly kind: "failed"; readonly because: string };
