/** `node --expose-gc --import tsx bench/client/metadata.ts`: the metadata of 2,000 topics with 100 partitions each. */
import { ClusterMetadata } from "../../src/client/cluster/cluster-metadata.ts";
import { mergeMetadata } from "../../src/client/cluster/metadata-cache.ts";
import { type Draft, decodeResponse, encodeResponse, type MetadataResponse } from "../../src/protocol/index.ts";

const TOPICS = 2000;
const PARTITIONS = 100;
const BROKERS = 12;
const ROUNDS = 5;
const MEGABYTE = 1e6;
const VERSION = 13;
const NOT_ASKED = -2_147_483_648;

const names = Array.from({ length: TOPICS }, (_, index) => `department.application.topic-${index}`);
const gc = globalThis.gc;
if (gc === undefined) throw new Error("run it with node --expose-gc --import tsx");

const first = frameOf(0, () => false);
const some = frameOf(1, (topic) => topic % 100 === 0);
const all = frameOf(2, () => true);
console.log(`${TOPICS * PARTITIONS} partitions, an answer of ${(first.length / MEGABYTE).toFixed(1)} MB`);
console.log("ms of the processor, garbage collection included; the first round is that of a program that has just started:");
console.log("decode  merge  the same  1 % anew  all anew  look up  | decode, merge and look up");
for (let round = 0; round < ROUNDS; round++) measureRound();
console.log(
  `the decoded answer takes ${sizeOf(() => decode(first))} MB until it is merged; the view keeps ${sizeOf(() => viewOf(first))} MB`,
);

function measureRound(): void {
  const [decodeMs, response] = timed(() => decode(first));
  const [mergeMs, merged] = timed(() => merge(ClusterMetadata.empty, response));
  const [again, someAnswer, allAnswer] = [decode(first), decode(some), decode(all)];
  const [sameMs, same] = timed(() => merge(merged, again));
  if (same !== merged) throw new Error("the same answer made another view");
  const [someMs, changed] = timed(() => merge(merged, someAnswer));
  const [allMs, anew] = timed(() => merge(changed, allAnswer));
  const [lookUpMs, found] = timed(() => lookUp(anew));
  if (found !== TOPICS * PARTITIONS) throw new Error(`${found} leaders were found`);
  const cells = [decodeMs, mergeMs, sameMs, someMs, allMs, lookUpMs].map((ms) => ms.toFixed(0).padStart(7));
  console.log(`${cells.join(" ")}  | ${(decodeMs + mergeMs + lookUpMs).toFixed(0)}`);
}

/** In a function of its own: what a module's top level has once named is never collected. */
function sizeOf(make: () => { readonly topics: Iterable<unknown> }): string {
  const before = heap();
  const made = make();
  const size = heap() - before;
  if ([...made.topics].length !== TOPICS) throw new Error("there are topics missing");
  return (size / MEGABYTE).toFixed(0);
}

function viewOf(frame: Uint8Array): ClusterMetadata {
  return merge(ClusterMetadata.empty, decode(frame));
}

function timed<T>(work: () => T): readonly [number, T] {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return [(user + system) / 1000, value];
}

function decode(frame: Uint8Array): MetadataResponse {
  return decodeResponse({ api: "Metadata", version: VERSION }, frame).body;
}

function merge(before: ClusterMetadata, response: MetadataResponse): ClusterMetadata {
  return mergeMetadata(before, response, { version: VERSION, asked: names, isWanted: () => true }).metadata;
}

function lookUp(metadata: ClusterMetadata): number {
  let found = 0;
  for (const name of names) {
    for (let partition = 0; partition < PARTITIONS; partition++) if (metadata.leaderOf(name, partition) !== undefined) found++;
  }
  return found;
}

function frameOf(epoch: number, isChanged: (topic: number) => boolean): Uint8Array {
  const body: Draft<MetadataResponse> = {
    throttleTimeMs: 0,
    brokers: Array.from({ length: BROKERS }, (_, nodeId) => ({ nodeId, host: `broker-${nodeId}`, port: 9092, rack: null })),
    clusterId: "cluster",
    controllerId: 0,
    topics: names.map((name, topic) => ({
      errorCode: 0,
      name,
      topicId: Buffer.from(`topic ${topic}`.padStart(16)).toString("base64url"),
      isInternal: false,
      partitions: Array.from({ length: PARTITIONS }, (_, partitionIndex) =>
        partitionOf(partitionIndex, isChanged(topic) ? epoch : 0),
      ),
      topicAuthorizedOperations: NOT_ASKED,
    })),
    errorCode: 0,
  };
  return encodeResponse({ api: "Metadata", version: VERSION, correlationId: 1 }, body);
}

function partitionOf(partitionIndex: number, leaderEpoch: number): Draft<MetadataResponse["topics"][number]["partitions"][number]> {
  const replicaNodes = [0, 1, 2].map((replica) => (partitionIndex + replica) % BROKERS);
  const leaderId = (partitionIndex + leaderEpoch) % BROKERS;
  return { errorCode: 0, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes: replicaNodes, offlineReplicas: [] };
}

function heap(): number {
  for (let turn = 0; turn < 3; turn++) gc?.();
  return process.memoryUsage().heapUsed;
}
