/**
 * What a member of a classic consumer group tells the group's leader when it joins: it travels in the `metadata` of JoinGroup.
 *
 * v0  topics and user data
 * v1  owned partitions, for incremental rebalancing (KIP-429)
 * v2  the generation in which they were owned (KIP-792)
 * v3  rack id (KIP-881)
 */
import type { Draft, Layout } from "../wire/wire.ts";
import { int32, string, struct } from "../wire/wire.ts";
import { decodeBlob, encodeBlob, type VersionedBlob } from "./versioned-blob.ts";

export const LATEST_SUBSCRIPTION_VERSION = 3;

export interface Subscription {
  /** What the member wants to read. Java sorts it. */
  readonly topics: readonly string[];
  /** For the assignor; see `sticky-user-data.ts`. */
  readonly userData: Uint8Array | null;
  /** What the member holds now, by topic. */
  readonly ownedPartitions: readonly SubscribedTopicPartitions[];
  /** The generation that gave it these partitions, -1 when there was none: of two claims the younger one counts. */
  readonly generationId: number;
  /** Where the member runs, null when it does not say. */
  readonly rackId: string | null;
}

export interface SubscribedTopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

const subscription: Layout<Subscription> = struct((wire, it) => ({
  topics: wire.array(it.topics, string),
  userData: wire.nullableBytes(it.userData),
  ownedPartitions: wire.since(1).ignorable.array(it.ownedPartitions, topicPartitions),
  generationId: wire.since(2).ignorable.int32(it.generationId, -1),
  rackId: wire.since(3).ignorable.nullableString(it.rackId),
}));

const topicPartitions: Layout<SubscribedTopicPartitions> = struct((wire, it) => ({
  topic: wire.string(it.topic),
  partitions: wire.array(it.partitions, int32),
}));

export const subscriptionBlob: VersionedBlob<Subscription> = {
  name: "ConsumerProtocolSubscription",
  latestVersion: LATEST_SUBSCRIPTION_VERSION,
  layout: subscription,
};

export function encodeSubscription(value: Draft<Subscription>, version: number = LATEST_SUBSCRIPTION_VERSION): Uint8Array {
  return encodeBlob(subscriptionBlob, version, value);
}

export function decodeSubscription(bytes: Uint8Array): { version: number; value: Subscription } {
  return decodeBlob(subscriptionBlob, bytes);
}
