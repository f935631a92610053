// What must hold of a cluster at any moment, whatever clients did to it. Derived anew from the batches in the logs.

import type { Cluster } from "../../../src/broker/cluster/cluster.ts";
import type { Partition } from "../../../src/broker/cluster/partition.ts";
import type { ConsumerGroup } from "../../../src/broker/groups/consumer/consumer-group.ts";
import type { Group } from "../../../src/broker/groups/groups.ts";
import type { PartitionLog } from "../../../src/broker/log/partition-log.ts";
import { parseControlRecord, type RecordBatch } from "../../../src/protocol/index.ts";

export function problemsOfCluster(cluster: Cluster): readonly string[] {
  const problems: string[] = [];
  for (const topic of cluster.topics)
    for (const partition of topic.partitions) problems.push(...problemsOfPartition(partition, cluster));
  for (const group of cluster.groups) problems.push(...problemsOfGroup(group));
  return problems;
}

function* problemsOfPartition(partition: Partition, cluster: Cluster): Iterable<string> {
  const { log, topic, index, leaderId, isr, replicas } = partition;
  const name = `${topic.name}-${index}`;
  const { logStartOffset, lastStableOffset, highWatermark, endOffset } = log;
  const offsets = [0, logStartOffset, lastStableOffset, highWatermark, endOffset];
  if (offsets.some((offset, i) => i > 0 && offset < offsets[i - 1]!)) yield `${name}: offsets in disorder: ${offsets.join(" ")}`;
  if (leaderId !== -1 && !isr.includes(leaderId)) yield `${name}: the leader ${leaderId} is not in sync`;
  if (isr.some((id) => !replicas.includes(id))) yield `${name}: in sync without being a replica`;
  if (leaderId !== -1 && cluster.node(leaderId)?.isRunning !== true) yield `${name}: the leader ${leaderId} does not run`;
  if (leaderId === -1 && replicas.some((id) => cluster.node(id)?.isRunning)) yield `${name}: nobody leads, and somebody could`;
  const batches = log.records();
  yield* disorder(name, batches, log);
  yield* gaps(name, batches);
  // What lies before the log's beginning is not there to be derived from.
  if (logStartOffset === 0) yield* undecided(name, batches, log);
}

/** Offsets are dense, epochs only grow. */
function* disorder(name: string, batches: readonly RecordBatch[], log: PartitionLog): Iterable<string> {
  let next = batches[0]?.baseOffset ?? log.endOffset;
  let epoch = -1;
  if (next > log.logStartOffset) yield `${name}: begins at ${log.logStartOffset}, but its first batch at ${next}`;
  for (const { baseOffset, lastOffset, partitionLeaderEpoch } of batches) {
    if (baseOffset !== next) yield `${name}: a batch at ${baseOffset} where ${next} was expected`;
    if (partitionLeaderEpoch < epoch) yield `${name}: leader epoch ${partitionLeaderEpoch} behind ${epoch} at ${baseOffset}`;
    next = lastOffset + 1;
    epoch = partitionLeaderEpoch;
  }
  if (next !== log.endOffset) yield `${name}: ends at ${log.endOffset}, but its last batch before ${next}`;
  if (log.leaderEpoch < epoch) yield `${name}: leader epoch ${log.leaderEpoch}, but ${epoch} in the log`;
}

/** A producer's sequence numbers follow each other within an epoch, begin at 0 in a new one, and epochs only grow. */
function* gaps(name: string, batches: readonly RecordBatch[]): Iterable<string> {
  const last = new Map<bigint, { epoch: number; sequence: number }>();
  for (const { producerId, producerEpoch, baseSequence, lastSequence, isControl, baseOffset } of batches) {
    if (producerId < 0n) continue;
    const known = last.get(producerId);
    const where = `${name}: producer ${producerId} epoch ${producerEpoch} at ${baseOffset}`;
    if (known !== undefined && producerEpoch < known.epoch) yield `${where} after epoch ${known.epoch}`;
    if (isControl) {
      if (known === undefined || producerEpoch !== known.epoch) last.set(producerId, { epoch: producerEpoch, sequence: -1 });
      continue;
    }
    const expected = known === undefined ? baseSequence : producerEpoch === known.epoch ? known.sequence + 1 : 0;
    if (baseSequence !== expected) yield `${where} has sequence ${baseSequence} where ${expected} was expected`;
    last.set(producerId, { epoch: producerEpoch, sequence: lastSequence });
  }
}

/** Which transactions are open, and which were aborted. */
function* undecided(name: string, batches: readonly RecordBatch[], log: PartitionLog): Iterable<string> {
  const open = new Map<bigint, number>();
  const aborted: string[] = [];
  for (const batch of batches) {
    const { producerId, baseOffset, isControl, isTransactional } = batch;
    if (!isControl) {
      if (isTransactional && !open.has(producerId)) open.set(producerId, baseOffset);
      continue;
    }
    const firstOffset = open.get(producerId);
    open.delete(producerId);
    const [record] = batch.records();
    const isAbort = record !== undefined && parseControlRecord(record.key, record.value).type === "ABORT";
    if (isAbort && firstOffset !== undefined) aborted.push(`${producerId} ${firstOffset}-${baseOffset}`);
  }
  const expected = Math.min(log.endOffset, ...open.values());
  if (log.lastStableOffset !== expected) yield `${name}: last stable offset ${log.lastStableOffset}, by its batches ${expected}`;
  const told = log.abortedTransactions(0, log.endOffset).map((it) => `${it.producerId} ${it.firstOffset}-${it.lastOffset}`);
  if (told.join() !== aborted.join()) yield `${name}: aborted ${told.join()}, by its batches ${aborted.join()}`;
}

function* problemsOfGroup(group: Group): Iterable<string> {
  if (group.protocol === "classic") {
    const { members, state, id } = group;
    const isWithout = state === "Empty" || state === "Dead";
    if ((members.size === 0) !== isWithout && !group.isEmpty) yield `group ${id}: ${state} with ${members.size} members`;
    return;
  }
  yield* heldTwice(group);
}

/** Nobody has what another one has not given up. */
function* heldTwice(group: ConsumerGroup): Iterable<string> {
  const holders = new Map<string, string>();
  let count = 0;
  for (const { memberId, assigned, pendingRevocation, memberEpoch } of group.members) {
    count++;
    if (memberEpoch > group.groupEpoch) yield `group ${group.id}: member epoch ${memberEpoch} above ${group.groupEpoch}`;
    for (const held of [assigned, pendingRevocation]) {
      for (const [topicId, partitions] of held) {
        for (const partition of partitions.keys()) {
          const place = `${topicId}-${partition}`;
          const holder = holders.get(place);
          if (holder !== undefined) yield `group ${group.id}: ${place} is held by ${holder} and ${memberId}`;
          if (!group.isHeld(topicId, partition)) yield `group ${group.id}: ${place} is held by ${memberId}, and counted as free`;
          holders.set(place, memberId);
        }
      }
    }
  }
  if (count !== group.size || group.isEmpty !== (count === 0))
    yield `group ${group.id}: ${count} members, ${group.size} by its size`;
  if (group.assignmentEpoch > group.groupEpoch) yield `group ${group.id}: assignment epoch above group epoch`;
}
