import { finalizedFeatures, type KafkaRelease, supportedFeatures } from "../../protocol/index.ts";

export interface FeatureRange {
  readonly min: number;
  readonly max: number;
}

/** Cluster-wide switches (KIP-584): what the release supports, and which level is in force. */
export class Features {
  readonly supported: ReadonlyMap<string, FeatureRange>;
  readonly #finalized: Map<string, FeatureRange>;
  /** Counts the changes; clients keep the newest they have seen. */
  #epoch = 0;

  constructor(release: KafkaRelease) {
    this.supported = supportedFeatures(release);
    this.#finalized = new Map(finalizedFeatures(release));
  }

  get finalized(): ReadonlyMap<string, FeatureRange> {
    return this.#finalized;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The level in force; 0 where the feature is off or not known. */
  level(name: string): number {
    return this.#finalized.get(name)?.max ?? 0;
  }

  /** Level 0 switches the feature off. Whether the change is allowed has been checked. */
  set(name: string, level: number): void {
    if (level === 0) this.#finalized.delete(name);
    else this.#finalized.set(name, { min: level, max: level });
    this.#epoch++;
  }
}
