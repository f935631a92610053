/** What only a partition's leader can say: where its log begins and ends, and whether it has what was read. */
import {
  errorByName,
  KafkaError,
  ListOffsets,
  Metadata,
  OffsetForLeaderEpoch,
  UnsupportedVersionError,
} from "../../../protocol/index.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { BrokerError, LogTruncationError } from "../../errors.ts";
import { askLeader } from "../../leaders/leader-request.ts";
import { whyLeaderless } from "../../leaders/locate-leaders.ts";
import type { Runtime } from "../../runtime.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import { type EpochQuery, type EpochRow, epochQuestion } from "./epoch-question.ts";
import { checkedLog } from "./log-check.ts";
import { isCurrent, type Lookup, lookupOf } from "./lookup.ts";
import type { Lookups } from "./lookups.ts";
import { lookUpResets, type ResetQuery } from "./reset-lookup.ts";

export interface LeaderLookupsInit {
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  readonly lookups: Lookups;
  /** Positions are known that were not. */
  readonly onFound: () => void;
  readonly onProblem: (partition: AssignedPartition, error: KafkaError) => void;
  /** The log is another one, and its leader cannot say since where. */
  readonly onLost: (partition: AssignedPartition, because: KafkaError) => void;
}

type ResetLookup = Lookup & ResetQuery;
type EpochLookup = Lookup & EpochQuery;

const FENCED_LEADER_EPOCH = errorByName("FENCED_LEADER_EPOCH").code;

/** So often a position may be of a later epoch than its leader, as far as we know; then the topic must be another one of that name. */
const MOST_TIMES_AHEAD = 5;

export class LeaderLookups {
  readonly #init: LeaderLookupsInit;

  constructor(init: LeaderLookupsInit) {
    this.#init = init;
  }

  /** Asks about partitions that are to be reset or validated: each leader about all of its own at once. */
  start(cluster: Cluster, partitions: readonly AssignedPartition[]): void {
    const leaderless: Lookup[] = [];
    const resets = new Map<number, ResetLookup[]>();
    const checks = new Map<number, EpochLookup[]>();
    for (const assigned of partitions) {
      const leader = cluster.metadata.leaderOf(assigned.topic, assigned.partition);
      const lookup = lookupOf(assigned, leader);
      if (leader === undefined) leaderless.push(lookup);
      else {
        const { leaderEpoch, broker } = leader;
        const { whereabouts, fetchEpoch } = assigned;
        if (whereabouts.kind === "resetting") addTo(resets, broker.nodeId, { ...lookup, leaderEpoch, to: whereabouts.to });
        else addTo(checks, broker.nodeId, { ...lookup, leaderEpoch, epoch: fetchEpoch });
      }
    }
    if (leaderless.length > 0) void this.#findLeaders(cluster, leaderless);
    for (const [nodeId, lookups] of resets) void this.#reset(cluster, nodeId, lookups);
    for (const [nodeId, lookups] of checks) void this.#check(cluster, nodeId, lookups);
  }

  #findLeaders(cluster: Cluster, lookups: readonly Lookup[]): Promise<void> {
    const api = Metadata.name;
    return this.#init.lookups.run(cluster, api, lookups, async () => {
      const topics = new Set(lookups.map(({ topic }) => topic));
      const metadata = await cluster.refresh(this.#init.lookups.deadline(), [...topics]);
      const without = lookups.filter(({ topic, partition }) => metadata.leaderOf(topic, partition) === undefined);
      this.#init.lookups.failed(
        cluster,
        api,
        without.map((lookup) => [lookup, whyLeaderless(lookup, metadata, api)]),
      );
    });
  }

  #reset(cluster: Cluster, nodeId: number, asked: readonly ResetLookup[]): Promise<void> {
    const { config, runtime, lookups, onFound } = this.#init;
    return lookups.run(cluster, ListOffsets.name, asked, async () => {
      const isReadCommitted = config.isolationLevel === "read_committed";
      const settings = { isReadCommitted, nowMs: runtime.clock.now() };
      const found = await lookUpResets(lookups.context(cluster), nodeId, asked, settings);
      const failures: (readonly [Lookup, KafkaError])[] = [];
      for (const [lookup, outcome] of found) {
        if (outcome instanceof KafkaError) failures.push([lookup, outcome]);
        else if (isCurrent(lookup)) {
          lookup.assigned.moveTo(outcome.offset, outcome.epoch);
          this.#known(lookup);
        }
      }
      lookups.failed(cluster, ListOffsets.name, failures);
      if (failures.length < found.size) onFound();
    });
  }

  #check(cluster: Cluster, nodeId: number, asked: readonly EpochLookup[]): Promise<void> {
    const { lookups, onFound } = this.#init;
    const api = OffsetForLeaderEpoch.name;
    return lookups.run(cluster, api, asked, async () => {
      const early = asked.filter(isAhead);
      const failures: (readonly [Lookup, KafkaError])[] = early.map((lookup) => [lookup, oldMetadata(lookup)]);
      // Without an epoch there is nothing to compare.
      for (const lookup of asked) if (lookup.epoch < 0) this.#known(lookup);
      const askable = asked.filter((lookup) => lookup.epoch >= 0 && !isAhead(lookup));
      for (const [lookup, outcome] of await askLeader(lookups.context(cluster), epochQuestion<EpochLookup>(), nodeId, askable)) {
        if (!isCurrent(lookup)) continue;
        if (outcome instanceof UnsupportedVersionError) this.#known(lookup);
        else if (outcome instanceof KafkaError) failures.push([lookup, outcome]);
        else this.#checked(lookup, outcome);
      }
      lookups.failed(cluster, api, failures);
      if (failures.length < asked.length) onFound();
    });
  }

  #checked(lookup: EpochLookup, row: EpochRow): void {
    const { config, telemetry, onProblem, onLost } = this.#init;
    const { assigned, topic, partition } = lookup;
    const { offset } = assigned;
    const check = checkedLog(assigned, row);
    if (check.kind !== "cut") {
      if (check.kind === "ahead") assigned.rewind();
      this.#known(lookup);
      return;
    }
    const { divergence } = check;
    const error = new LogTruncationError({ topic, partition, offset, divergence });
    if (config.autoOffsetReset === "none") onProblem(assigned, error);
    else if (divergence === undefined) onLost(assigned, error);
    else {
      const text = `topic '${topic}' partition ${partition}: the log was cut at offset ${divergence.offset}, and goes on differently`;
      telemetry.warning("LOG_TRUNCATED", `${text}; it had been read up to ${offset}, and is read again from there`, {
        topic,
        partition,
        offset,
        divergence: divergence.offset,
      });
      assigned.moveTo(divergence.offset, divergence.leaderEpoch);
      this.#known(lookup);
    }
  }

  #known({ assigned, leader }: Lookup): void {
    assigned.validated(leader?.leaderEpoch ?? -1);
    this.#init.lookups.succeeded(assigned);
  }
}

/** Somebody has seen a later leader than we have: this one could not tell a log that it does not know from one that was cut. */
function isAhead({ assigned, epoch, leaderEpoch }: EpochLookup): boolean {
  return leaderEpoch >= 0 && epoch > leaderEpoch && assigned.failures < MOST_TIMES_AHEAD;
}

function oldMetadata({ topic, partition, epoch, leaderEpoch }: EpochLookup): KafkaError {
  const problem = `the position is of epoch ${epoch}, the leader that the metadata name of epoch ${leaderEpoch}`;
  return new BrokerError(FENCED_LEADER_EPOCH, { api: Metadata.name, topic, partition }, problem);
}

function addTo<T>(map: Map<number, T[]>, key: number, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
