/** Instead of an answer: Produce with acks 0 gets none. */
export const NO_ANSWER: unique symbol = Symbol("no answer");
