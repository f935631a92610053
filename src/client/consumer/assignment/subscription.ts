import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { IllegalStateError } from "../../errors.ts";
import type { TopicPartition } from "../topic-partition.ts";
import { SubscriptionPattern } from "./subscription-pattern.ts";

/** Is told when partitions come and go; `poll`, and whatever else reads, awaits it before it goes on. */
export interface RebalanceListener {
  onPartitionsAssigned?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /** They are taken away, and are still assigned while this runs: they may be committed. */
  onPartitionsRevoked?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /** They were taken away before anybody could say so, and others may have them. Without it, `onPartitionsRevoked` is called. */
  onPartitionsLost?(partitions: readonly TopicPartition[]): void | Promise<void>;
}

/**
 * What is to be read, in the words of the user.
 *
 * One of these at a time: from one to another the way leads through `none`, that is `unsubscribe()`.
 */
export type Subscription =
  | { readonly kind: "none" }
  | { readonly kind: "assigned" }
  | { readonly kind: "topics"; readonly topics: ReadonlySet<string>; readonly listener: RebalanceListener | undefined }
  | { readonly kind: "pattern"; readonly pattern: RegExp; readonly listener: RebalanceListener | undefined }
  /** The coordinator knows what fits it. */
  | { readonly kind: "matched there"; readonly pattern: string; readonly listener: RebalanceListener | undefined };

const NAMES: Readonly<Record<Subscription["kind"], string>> = {
  none: "nothing",
  assigned: "partitions by assign()",
  topics: "topics by subscribe()",
  pattern: "a pattern by subscribe()",
  "matched there": "a SubscriptionPattern by subscribe()",
};

/** @throws when one of another kind is in force */
export function checkChange(from: Subscription, to: Exclude<Subscription["kind"], "none">): void {
  if (from.kind === "none" || from.kind === to) return;
  throw new IllegalStateError(
    `the consumer reads ${NAMES[from.kind]}, and cannot read ${NAMES[to]} at the same time: call unsubscribe() first`,
  );
}

/** What `subscribe` was given. @throws when it is neither topics nor a pattern */
export function subscriptionTo(topics: unknown, listener: unknown): Subscription {
  const told = checkedListener(listener);
  if (topics instanceof RegExp) return { kind: "pattern", pattern: topics, listener: told };
  if (topics instanceof SubscriptionPattern) return { kind: "matched there", pattern: topics.pattern, listener: told };
  const names: readonly unknown[] = Array.isArray(topics) ? topics : [topics];
  const checked = new Set<string>();
  for (const name of names) {
    checkTopicName("subscribe", name);
    checked.add(name);
  }
  return checked.size === 0 ? { kind: "none" } : { kind: "topics", topics: checked, listener: told };
}

/** @throws why nobody would match it */
export function checkMatchedThere({ groupId, groupProtocol }: Pick<ResolvedConsumerConfig, "groupId" | "groupProtocol">): void {
  const remedy = "subscribe to a RegExp instead, which is matched by the client";
  if (groupId === undefined) {
    throw new IllegalStateError(
      `subscribe: a SubscriptionPattern is matched by the coordinator of a group: set groupId, or ${remedy}`,
    );
  }
  if (groupProtocol === "classic") {
    const needed = "set groupProtocol to 'consumer' or 'auto'";
    throw new IllegalStateError(`subscribe: nobody matches a SubscriptionPattern in a classic group: ${needed}, or ${remedy}`);
  }
}

const LONGEST_NAME = 249;

/** Kafka's own rule: what no topic can be called is not looked for. */
export function checkTopicName(what: string, name: unknown): asserts name is string {
  const isUsable = typeof name === "string" && /^[A-Za-z0-9._-]+$/.test(name) && name.length <= LONGEST_NAME;
  if (isUsable && name !== "." && name !== "..") return;
  const shown = typeof name === "string" ? `'${name.slice(0, 50)}'` : typeof name;
  throw new IllegalStateError(`${what}: ${shown} is no name of a topic: at most ${LONGEST_NAME} of A-Z, a-z, 0-9, '.', '_', '-'`);
}

/** @throws what is wrong with it */
export function checkPartition(what: string, place: unknown): asserts place is TopicPartition {
  if (typeof place !== "object" || place === null || !("topic" in place) || !("partition" in place)) {
    throw new IllegalStateError(`${what}: a partition is { topic, partition }, not ${place === null ? "null" : typeof place}`);
  }
  const { topic, partition } = place;
  checkTopicName(what, topic);
  if (!Number.isInteger(partition) || Number(partition) < 0 || Number(partition) > 0x7fff_ffff) {
    throw new IllegalStateError(`${what}: partition ${String(partition)} of topic '${topic}' is no number of a partition`);
  }
}

/** @throws what is wrong with one of them */
export function checkPartitions(what: string, places: unknown): void {
  if (!Array.isArray(places)) throw new IllegalStateError(`${what}: partitions must be an array`);
  for (const place of places) checkPartition(what, place);
}

function checkedListener(listener: unknown): RebalanceListener | undefined {
  if (listener === undefined) return undefined;
  if (typeof listener !== "object" || listener === null) throw new IllegalStateError("subscribe: the listener must be an object");
  for (const name of ["onPartitionsAssigned", "onPartitionsRevoked", "onPartitionsLost"]) {
    const callback: unknown = Reflect.get(listener, name);
    if (callback !== undefined && typeof callback !== "function") {
      throw new IllegalStateError(`subscribe: ${name} must be a function, not ${typeof callback}`);
    }
  }
  return listener;
}
