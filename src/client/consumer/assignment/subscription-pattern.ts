import { IllegalStateError } from "../../errors.ts";

/**
 * A regular expression that the group's coordinator matches topics by (KIP-848), in the syntax of RE2/J and over whole names: nobody has
 * to know all topics. Whether it is one, the broker says.
 */
export class SubscriptionPattern {
  readonly pattern: string;

  constructor(pattern: string) {
    if (typeof pattern !== "string" || pattern === "") {
      throw new IllegalStateError("SubscriptionPattern: the pattern must be a string that is not empty");
    }
    this.pattern = pattern;
  }

  toString(): string {
    return this.pattern;
  }
}
