/** The text of docs/configuration.md. */
import { connectionSettings } from "../src/client/config/common-settings.ts";
import { consumerSettings } from "../src/client/config/consumer-settings.ts";
import { foreignOptions } from "../src/client/config/foreign-options.ts";
import { producerSettings } from "../src/client/config/producer-settings.ts";
import { convertedProperties } from "../src/client/config/properties/converted-properties.ts";
import { knownProperties } from "../src/client/config/properties/known-properties.ts";
import type { PropertyRow } from "../src/client/config/properties/property-row.ts";
import { securitySettings } from "../src/client/config/security-settings.ts";
import type { Setting, Settings } from "../src/client/config/setting.ts";
import { shareConsumerSettings } from "../src/client/config/share-consumer-settings.ts";

const INTRODUCTION = `# Configuration

<!-- Rendered by scripts/render-configuration.ts from the tables of src/client/config. Do not edit: \`npm run docs\`. -->

Options are plain objects. Their names are kafka-python's in camelCase, and so are the defaults unless Java's are better. An option that
is left out, or undefined, has its default. Everything that is wrong with the options is told at once, by a \`ConfigError\` from the
constructor, which does nothing else: files are read when the first call connects.

\`\`\`ts
const admin = new Admin({ bootstrapServers: "localhost:9092", requestTimeoutMs: 10_000 });
\`\`\`

There are **Admin**, **Producer**, **Consumer** and **ShareConsumer**. A consumer with a \`groupId\` that subscribes shares its topics with others.

- **Later** marks options that are known and not supported yet: giving one is an error that says so.
- **Never** marks options that Node cannot honour: giving one is an error that says why.
- Passwords and keys are kept as \`Secret\`, which prints as \`[redacted]\`.
`;

const DEPENDENCIES = `## Options that depend on each other

Defaults make room for what is given; what is given has to fit together.

- \`retryBackoffMs\`, \`reconnectBackoffMs\` and \`socketConnectionSetupTimeoutMs\` must not be more than their \`…MaxMs\`.
- \`requestTimeoutMs\` must not be more than \`defaultApiTimeoutMs\`, and must be less than \`connectionsMaxIdleMs\`.
- \`sslCafile\`, \`sslCa\`, \`sslServerName\` and \`sslCheckHostname: false\` need \`securityProtocol: "SSL"\`; \`sslCafile\` and \`sslCa\` exclude
  each other.
- Producer: \`deliveryTimeoutMs\` must be at least \`lingerMs + requestTimeoutMs\`; \`maxRequestSize\` must fit into \`bufferMemory\`;
  \`compressionLevel\` needs gzip (1 to 9), lz4 (1 to 17) or zstd (up to 22). \`enableIdempotence: true\` and \`transactionalId\` need \`acks: "all"\`, \`retries\` of at least 1
  and \`maxInFlightRequestsPerConnection\` of at most 5; where one of these is given otherwise, idempotence is off by default.
  \`transactionTimeoutMs\` needs \`transactionalId\`, and \`partitionerRackAware\` needs \`clientRack\`.
- Consumer: \`heartbeatIntervalMs\` must be less than \`sessionTimeoutMs\`, \`fetchMaxWaitMs\` less than \`requestTimeoutMs\`, and
  \`fetchMaxBytes\` not more than \`receiveMessageMaxBytes\`, whose default is at least \`fetchMaxBytes + maxPartitionFetchBytes\`.
  \`groupInstanceId\` and \`enableAutoCommit: true\` need a \`groupId\`. With \`groupProtocol: "consumer"\` the broker decides
  \`sessionTimeoutMs\`, \`heartbeatIntervalMs\` and \`partitionAssignmentStrategy\`; \`groupRemoteAssignor\` is for it alone.
- ShareConsumer: \`groupId\` has to be given; \`fetchMaxWaitMs\`, \`fetchMaxBytes\` and \`receiveMessageMaxBytes\` as for Consumer.
`;

const PROPERTIES = `## Properties of Java's clients and librdkafka

\`configFromProperties(input, client?)\` takes what Java's clients and librdkafka are configured with: the text of a .properties file, a
list of \`key=value\`, or an object. It gives \`{ options, ignored }\`: \`options\` for a constructor, and in \`ignored\` each property that
changed nothing, with the reason.

\`\`\`ts
const { options, ignored } = configFromProperties(await readFile("client.properties", "utf8"), "admin");
const admin = new Admin(options);
\`\`\`

- With \`"admin"\`, \`"producer"\`, \`"consumer"\` or \`"shareConsumer"\` the properties of the other clients are among the ignored, so that one file serves all.
  Without, the options of all clients come together.
- Properties of topics may stand behind \`conf.topic.\`, \`default.topic.\` or \`topic.\`.
- Only what is written is taken over. Where the default of librdkafka differs from ours (\`isolation.level\`, \`linger.ms\`, …), ours stays.
- Of several names of the same option the one that the tables above list first counts.
- A name that neither Java's clients nor librdkafka know is an error, with the name that was probably meant; so is a property that
  would do harm if it were ignored. All problems are told at once.
`;

const CONVERTED = `### Written in another way

The tables above name the properties that become an option. Words of older clients are taken too (\`auto.offset.reset=smallest\`,
\`by_duration:PT1H\`, Java's class names in \`partition.assignment.strategy\`). These are converted further:

`;

export function configurationPage(): string {
  const parts = [
    INTRODUCTION,
    `## All clients\n\n### Cluster and connections\n\n${settingsTable(connectionSettings)}`,
    `### Security\n\n${settingsTable(securitySettings)}`,
    "## Admin\n\nThe options of all clients, and none besides.\n",
    `## Producer\n\nBesides the options of all clients:\n\n${settingsTable(producerSettings)}`,
    `## Consumer\n\nBesides the options of all clients:\n\n${settingsTable(consumerSettings)}`,
    `## ShareConsumer\n\nA member of a share group (KIP-932). What brokers and groups rule there is refused: where reading begins, isolation, sessions, heartbeats, assignors, commits of offsets. Besides the options of all clients:\n\n${settingsTable(shareConsumerSettings)}`,
    DEPENDENCIES,
    `## Options known from elsewhere\n\nThey do not exist here, and giving one is an error that says:\n\n${foreignTable()}`,
    PROPERTIES,
    `${CONVERTED}${convertedTable()}`,
    `### Ignored\n\n${byNote("ignored")}`,
    `### Refused\n\nUnless the value says what is done anyway.\n\n${byNote("refused")}`,
  ];
  return parts.join("\n");
}

function settingsTable(settings: Settings): string {
  const rows = Object.entries(settings).map(([name, setting]) => {
    const cells = [
      code([name]),
      typeOf(setting),
      defaultOf(setting),
      meaningOf(setting),
      code(setting.java ?? []),
      code(setting.librdkafka ?? []),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return `| option | type | default | meaning | Java | librdkafka |\n|---|---|---|---|---|---|\n${rows.join("\n")}\n`;
}

function typeOf({ type, range, unit }: Setting<unknown>): string {
  const withUnit = unit === undefined ? type : `${type} (${unit})`;
  return (range === undefined ? withUnit : `${withUnit}, ${range}`).replaceAll("|", "\\|");
}

function defaultOf({ fallback, fallbackText }: Setting<unknown>): string {
  if (fallbackText !== undefined) return fallbackText;
  if (typeof fallback === "number" || typeof fallback === "boolean") return code([String(fallback)]);
  return typeof fallback === "string" ? code([`'${fallback}'`]) : "";
}

function meaningOf({ doc, notYet, never }: Setting<unknown>): string {
  const mark = never === undefined ? (notYet === undefined ? "" : ` **Later**: ${notYet}.`) : ` **Never**: ${never}.`;
  return `${doc}${mark}`;
}

function foreignTable(): string {
  return `| option | instead |\n|---|---|\n${[...foreignOptions].map(([name, what]) => `| \`${name}\` | ${what} |`).join("\n")}\n`;
}

function convertedTable(): string {
  const rows = [...convertedProperties].filter(([, { kind }]) => kind === "mapped");
  return `| property | option |\n|---|---|\n${rows.map(([name, { note }]) => `| \`${name}\` | ${note} |`).join("\n")}\n`;
}

/** Properties with the same reason stand together. */
function byNote(kind: PropertyRow["kind"]): string {
  const names = new Map<string, string[]>();
  for (const [name, row] of knownProperties) {
    if (row.kind !== kind) continue;
    const same = names.get(row.note) ?? [];
    names.set(row.note, same);
    same.push(name);
  }
  const rows = [...names].map(([note, same]) => `| ${code(same)} | ${note} |`);
  return `| properties | because |\n|---|---|\n${rows.join("\n")}\n`;
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
