// A real Apache Kafka in a Docker container, for machines without a JDK or Maven.

import type { Readable } from "node:stream";
import { GenericContainer, getContainerRuntimeClient, ImageName, type StartedTestContainer, Wait } from "testcontainers";
import type { RealKafka, RealKafkaOptions } from "./kafka-node.ts";
import { NotOfferedError } from "./kafka-provider.ts";
import { KAFKA_VERSION } from "./kafka-version.ts";
import { CLUSTER_ID, propertiesText, SINGLE_NODE, SMALL } from "./node-properties.ts";
import { untilAnswering } from "./readiness.ts";

const CLIENT_PORT = 9092;
const BROKER_PORT = 9093;
const CONTROLLER_PORT = 9094;
const CREATED_MS = 180_000;
const READY_MS = 60_000;
const SHOWN_CHARACTERS = 4000;

/** Writable for every user: the official image runs as one of its own. */
const FOLDER = "/tmp/kafkawire";
const WAITING = "kafkawire: waiting for the configuration";

/**
 * The broker must tell clients a port that Docker chooses when the container starts. So the container only waits at first, for a
 * configuration that is copied into it once the port is known.
 */
const WAIT_SCRIPT = `echo "${WAITING}"; while [ ! -f ${FOLDER}/go ]; do sleep 0.05; done; exec sh ${FOLDER}/start.sh`;

/** Needs of the image only a shell, a `java` and `/opt/kafka/libs`, as Apache's own has them: no script of Kafka's. */
const START_SCRIPT = `
set -e
if [ ! -d /opt/kafka/libs ]; then echo "this image has no /opt/kafka/libs: it is no image of Apache Kafka on a JVM"; exit 1; fi
java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \\
  -cp "/opt/kafka/libs/*" kafka.tools.StorageTool format --cluster-id ${CLUSTER_ID} --config ${FOLDER}/server.properties
exec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \\
  -cp "/opt/kafka/libs/*" kafka.Kafka ${FOLDER}/server.properties
`;

/** What the container's own way to advertise itself rests upon. */
const OURS: ReadonlySet<string> = new Set([
  "listeners",
  "advertised.listeners",
  "listener.security.protocol.map",
  "inter.broker.listener.name",
  "controller.listener.names",
  "controller.quorum.voters",
  "process.roles",
  "node.id",
  "log.dirs",
]);

/** `KAFKA_IMAGE`, or Apache's own image of the version. */
export function kafkaImage(version: string): string {
  return process.env["KAFKA_IMAGE"] || `apache/kafka:${version}`;
}

/**
 * What keeps us from the image, as a clause, after trying to pull it; undefined if nothing does. An image that was asked for by name
 * must be there.
 */
export async function missingKafkaImage(): Promise<string | undefined> {
  const image = kafkaImage(KAFKA_VERSION);
  try {
    const { image: images } = await getContainerRuntimeClient();
    const name = ImageName.fromString(image);
    await images.pull(name);
    // A pull that fails on its way resolves all the same.
    if (!(await images.exists(name))) throw new Error("it could not be pulled");
    return undefined;
  } catch (error) {
    if (process.env["KAFKA_IMAGE"]) throw error;
    return `no image ${image} (${error instanceof Error ? error.message : String(error)})`;
  }
}

export async function startKafkaContainer({ version = KAFKA_VERSION, properties = {} }: RealKafkaOptions): Promise<RealKafka> {
  const reserved = Object.keys(properties).filter((name) => OURS.has(name));
  if (reserved.length > 0) throw new NotOfferedError("container", `a choice of ${reserved.join(", ")}`);
  const log = new ContainerLog();
  const container = await new GenericContainer(kafkaImage(version))
    .withEntrypoint(["sh"])
    .withCommand(["-c", WAIT_SCRIPT])
    .withExposedPorts(CLIENT_PORT)
    .withWaitStrategy(Wait.forLogMessage(WAITING))
    .withStartupTimeout(CREATED_MS)
    .withLogConsumer((stream) => log.follow(stream))
    .start();
  try {
    const [host, port] = [container.getHost(), container.getMappedPort(CLIENT_PORT)];
    await configure(container, propertiesText({ ...containerProperties(host, port), ...properties }));
    await untilAnswering(host, port, log, READY_MS);
    return new KafkaContainer(container, host, port);
  } catch (error) {
    await container.stop();
    throw error;
  }
}

class KafkaContainer implements RealKafka {
  readonly host: string;
  readonly port: number;
  readonly pid: undefined = undefined;
  readonly #container: StartedTestContainer;
  #stopping: Promise<unknown> | undefined;

  constructor(container: StartedTestContainer, host: string, port: number) {
    this.#container = container;
    this.host = host;
    this.port = port;
  }

  get bootstrapServers(): string {
    return `${this.host}:${this.port}`;
  }

  async stop(): Promise<void> {
    this.#stopping ??= this.#container.stop();
    await this.#stopping;
  }
}

async function configure(container: StartedTestContainer, properties: string): Promise<void> {
  await container.copyContentToContainer([
    { content: properties, target: `${FOLDER}/server.properties` },
    { content: START_SCRIPT, target: `${FOLDER}/start.sh` },
  ]);
  // Only when the others are there whole.
  await container.copyContentToContainer([{ content: "", target: `${FOLDER}/go` }]);
}

function containerProperties(host: string, port: number): Record<string, string> {
  return {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@localhost:${CONTROLLER_PORT}`,
    listeners: `PLAINTEXT://0.0.0.0:${CLIENT_PORT},BROKERS://localhost:${BROKER_PORT},CONTROLLER://localhost:${CONTROLLER_PORT}`,
    "advertised.listeners": `PLAINTEXT://${host}:${port},BROKERS://localhost:${BROKER_PORT}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "BROKERS",
    "controller.listener.names": "CONTROLLER",
    "log.dirs": "/tmp/kafkawire-data",
    ...SINGLE_NODE,
    ...SMALL,
  };
}

/** What the container writes, and when it ends. */
class ContainerLog {
  readonly exited: Promise<string>;
  #text = "";
  #end: (how: string) => void = () => {};

  constructor() {
    this.exited = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  follow(stream: Readable): void {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      this.#text = `${this.#text}${text}`.slice(-SHOWN_CHARACTERS);
    });
    stream.on("error", (error) => this.#end(error.message));
    stream.on("end", () => this.#end("the container's output ended"));
  }

  output(): string {
    return this.#text;
  }
}
