// Where a real Apache Kafka comes from on this machine.

import { missingJdk, missingMaven, usableOrSkipped } from "../java-tools.ts";
import { hasBrokerJars } from "./broker-runtime.ts";
import { missingDockerEngine } from "./docker-engine.ts";
import { KAFKA_VERSION } from "./kafka-version.ts";

/**
 * `running`: the cluster that `KAFKA_BOOTSTRAP` names. `jars`: processes of our own, from Maven's jars. `container`: Docker runs the
 * image `apache/kafka`, or the one that `KAFKA_IMAGE` names.
 */
export type KafkaProvider = "running" | "jars" | "container";

export interface KafkaNeeds {
  readonly version?: string;
  /** A cluster that nobody else uses, to be configured, harmed and thrown away: not one that runs already. */
  readonly own?: boolean;
}

/** What the provider of this cluster cannot do. */
export class NotOfferedError extends Error {
  override readonly name: string = "NotOfferedError";
  readonly provider: KafkaProvider;

  constructor(provider: KafkaProvider, what: string) {
    super(`${what} is not offered by ${FROM[provider]}; it needs a cluster from Kafka's jars (a JDK and Maven)`);
    this.provider = provider;
  }
}

const FROM: Readonly<Record<KafkaProvider, string>> = {
  running: "the running cluster that KAFKA_BOOTSTRAP names",
  jars: "processes from Kafka's jars",
  container: "a Docker container",
};

/**
 * The first of the providers that can be had, in the order above, or why there is none. `KAFKA_PROVIDER` leaves only the one that it
 * names.
 */
export function kafkaProvider({
  version = KAFKA_VERSION,
  own = false,
}: KafkaNeeds = {}): KafkaProvider | { readonly missing: string } {
  const only = process.env["KAFKA_PROVIDER"] || undefined;
  if (only !== undefined && !Object.hasOwn(FROM, only))
    throw new Error(`KAFKA_PROVIDER is "${only}", expected one of ${Object.keys(FROM).join(", ")}`);
  const problems: string[] = [];
  for (const [provider, problem] of candidates(version, own)) {
    if (only !== undefined && provider !== only) continue;
    const missing = problem();
    if (missing === undefined) return provider;
    problems.push(missing);
  }
  return { missing: problems.join("; ") };
}

function candidates(version: string, own: boolean): readonly (readonly [KafkaProvider, () => string | undefined])[] {
  const jars = ["jars", () => missingJars(version)] as const;
  const container = ["container", missingDockerEngine] as const;
  const running = ["running", own ? () => "a running cluster is nobody's own" : missingBootstrap] as const;
  return [running, jars, container];
}

function missingBootstrap(): string | undefined {
  return runningBootstrap() === undefined ? "KAFKA_BOOTSTRAP is not set" : undefined;
}

function missingJars(version: string): string | undefined {
  return missingJdk() ?? (hasBrokerJars(version) ? undefined : missingMaven());
}

/** Fails where only processes of our own will do and there can be none. */
export function requireJars(version: string): void {
  const missing = missingJars(version);
  if (missing !== undefined) throw new Error(`Apache Kafka ${version} cannot be started from its jars: ${missing}`);
}

/** The provider, or an error that says what is missing. */
export function requiredProvider(needs: KafkaNeeds): KafkaProvider {
  const provider = kafkaProvider(needs);
  if (typeof provider === "string") return provider;
  throw new Error(`no Apache Kafka ${needs.version ?? KAFKA_VERSION}: ${provider.missing}`);
}

export interface AvailabilityNeeds {
  /** One's own processes, to be harmed, also where `KAFKA_BOOTSTRAP` names a cluster. */
  readonly own?: boolean;
  /** A container does as well. */
  readonly orContainer?: boolean;
}

/** Whether a real Kafka can be had here. If not: a line that says why, or an error where `CI=true`. */
export function isRealKafkaAvailable({ own = false, orContainer = false }: AvailabilityNeeds = {}): boolean {
  const provider = kafkaProvider({ own });
  if (typeof provider !== "string") return usableOrSkipped("Apache Kafka", provider.missing);
  if (provider !== "container" || orContainer) return true;
  return usableOrSkipped(
    "Apache Kafka",
    missingJars(KAFKA_VERSION) ?? "KAFKA_PROVIDER asks for a container, which does not do here",
  );
}

export function runningBootstrap(): string | undefined {
  return process.env["KAFKA_BOOTSTRAP"] || undefined;
}

/** The addresses of `KAFKA_BOOTSTRAP`. */
export function bootstrapAddresses(bootstrapServers: string): readonly { readonly host: string; readonly port: number }[] {
  return bootstrapServers.split(",").map((address) => {
    const colon = address.lastIndexOf(":");
    const port = Number(address.slice(colon + 1));
    if (colon < 1 || !Number.isInteger(port) || port < 1)
      throw new Error(`KAFKA_BOOTSTRAP is "${bootstrapServers}", expected host:port[,host:port]`);
    return { host: address.slice(0, colon).trim(), port };
  });
}
