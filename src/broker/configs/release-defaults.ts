/** Table: defaults that older releases had, as far as a client can notice. Real brokers of these releases were asked. */
import { isSince, type KafkaRelease } from "../../protocol/index.ts";

interface OldDefault {
  readonly name: string;
  /** The first release with the default that stands in the table of configurations. */
  readonly until: KafkaRelease;
  readonly value: string;
}

const oldDefaults: readonly OldDefault[] = [
  // KIP-186.
  { name: "offsets.retention.minutes", until: "2.0", value: "1440" },
  { name: "group.max.session.timeout.ms", until: "2.3", value: "300000" },
  // KAFKA-4203.
  { name: "message.max.bytes", until: "2.5", value: "1000012" },
  // KIP-541: before, only clients had a limit.
  { name: "fetch.max.bytes", until: "2.5", value: "2147483647" },
  { name: "transaction.abort.timed.out.transaction.cleanup.interval.ms", until: "2.5", value: "60000" },
  // KIP-890: before, nobody asked whether a batch belongs to a transaction that names its partition.
  { name: "transaction.partition.verification.enable", until: "3.6", value: "false" },
  // KIP-1030. Before 3.6 it was `log.message.timestamp.difference.max.ms` that allowed any time.
  { name: "log.message.timestamp.after.max.ms", until: "4.0", value: "9223372036854775807" },
];

/** The defaults in which brokers of this release differ from those of the newest. */
export function releaseDefaults(release: KafkaRelease): ReadonlyMap<string, string> {
  const differing = oldDefaults.filter(({ until }) => !isSince(release, until));
  return new Map(differing.map(({ name, value }) => [name, value]));
}
