/** What a run is made of: topics, levels, and how patient everybody is. */

export type EtlProtocol = "range" | "cooperative-sticky" | "sticky" | "consumer";

/** A mistake that has to be found: offsets that are no part of the transaction, or reading what is not committed. */
export const PLANTS = ["outside", "uncommitted"] as const;
export type EtlPlant = (typeof PLANTS)[number];

export interface EtlTiming {
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxPollIntervalMs: number;
  readonly transactionTimeoutMs: number;
}

/** A topic, and the group that passes on what it holds to the next one. */
export interface EtlLevel {
  readonly number: number;
  readonly from: string;
  readonly to: string;
  readonly group: string;
  readonly protocol: EtlProtocol;
}

export interface MemberPlan {
  /** Its transactional id as well: who takes the place of one that has died may take its name. */
  readonly name: string;
  /** No two have the same. */
  readonly clientId: string;
  readonly bootstrapServers: string;
  readonly level: EtlLevel;
  readonly timing: EtlTiming;
  readonly seed: number;
  readonly plant: EtlPlant | undefined;
}

/** What has become of a member. */
export interface MemberReport {
  readonly committed: number;
  readonly aborted: number;
  /** How often it has begun anew, as a new member. */
  readonly renewed: number;
  readonly rebalances: number;
  /** By code, how often. */
  readonly troubles: Readonly<Record<string, number>>;
  /** What should not have been. */
  readonly failure: string | undefined;
}

/** Different numbers, so that records change their company on the way. */
const PARTITIONS = [6, 4, 8, 5] as const;

export interface EtlTopic {
  readonly name: string;
  readonly partitions: number;
}

export function topicsOf(levels: number): readonly EtlTopic[] {
  return Array.from({ length: levels + 1 }, (_, at) => ({
    name: `level-${at}`,
    partitions: PARTITIONS[at % PARTITIONS.length] ?? 1,
  }));
}

export function levelsOf(protocols: readonly EtlProtocol[]): readonly EtlLevel[] {
  return protocols.map((protocol, at) => ({
    number: at + 1,
    from: `level-${at}`,
    to: `level-${at + 1}`,
    group: `level-${at + 1}`,
    protocol,
  }));
}
