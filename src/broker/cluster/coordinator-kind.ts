/** What a coordinator is asked about: a group's id, or a transactional id. */
export type CoordinatorKind = "group" | "transaction";
