// Topics: what there is, creating, growing and deleting them, and where their replicas are.

import type { RequestBody } from "../../live/exchange.ts";
import { newTopic, produce, type Topic, UNKNOWN_TOPIC, UNKNOWN_TOPIC_ID } from "../preparations.ts";
import type { Script, Scripts } from "../script.ts";

const BROKER = 1;
const NO_SUCH_BROKER = 4711;
const WAIT_MS = 5000;

const metadata: Script = async (to, version, { topic }) => {
  const ask = (label: string, topics: NonNullable<RequestBody<"Metadata">["topics"]> | null, more: RequestBody<"Metadata"> = {}) =>
    to.compare(label, "Metadata", version, {
      topics,
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: true,
      includeClusterAuthorizedOperations: true,
      ...more,
    });
  await ask("all topics", version === 0 ? [] : null);
  await ask("one topic", [{ name: topic.name }]);
  await ask("one topic, without operations", [{ name: topic.name }], {
    includeTopicAuthorizedOperations: false,
    includeClusterAuthorizedOperations: false,
  });
  if (version >= 1) await ask("no topics", []);
  await ask("a topic twice", [{ name: topic.name }, { name: topic.name }]);
  await ask("an invalid name", [{ name: "not / a name" }]);
  await ask("an empty name", [{ name: "" }]);
  await ask("the group's internal topic", [{ name: "__consumer_offsets" }]);
  if (version >= 4) {
    await ask("an unknown topic", [{ name: UNKNOWN_TOPIC }]);
    await ask("a known and an unknown topic", [{ name: UNKNOWN_TOPIC }, { name: topic.name }]);
  }
  if (version >= 10) {
    await ask("by id", [{ name: null, topicId: topic.id }]);
    await ask("by an unknown id", [{ name: null, topicId: UNKNOWN_TOPIC_ID }]);
    await ask("by id and name", [{ name: topic.name, topicId: topic.id }]);
    await ask("by neither", [{ name: null }]);
  }
  const created = to.name("automatic");
  const isThere = ({ errors }: { errors: readonly string[] }) => errors.length === 0;
  const creating = { topics: [{ name: created }], allowAutoTopicCreation: true };
  await to.compare("a topic that is created by asking", "Metadata", version, creating);
  await to.compareOnce("the topic that was created", "Metadata", version, creating, isThere);
};

const describeTopicPartitions: Script = async (to, version, { topic }) => {
  const ask = (label: string, names: readonly string[], more: RequestBody<"DescribeTopicPartitions"> = {}) =>
    to.compare(label, "DescribeTopicPartitions", version, { topics: names.map((name) => ({ name })), ...more });
  await ask("a topic", [topic.name]);
  await ask("one partition at most", [topic.name], { responsePartitionLimit: 1 });
  await ask("the rest", [topic.name], { responsePartitionLimit: 1, cursor: { topicName: topic.name, partitionIndex: 1 } });
  await ask("behind the end", [topic.name], { cursor: { topicName: topic.name, partitionIndex: 5 } });
  await ask("from a topic before", [topic.name], { cursor: { topicName: "a", partitionIndex: 0 } });
  await ask("a negative cursor", [topic.name], { cursor: { topicName: topic.name, partitionIndex: -1 } });
  await ask("an unknown topic", [UNKNOWN_TOPIC]);
  await ask("both", [UNKNOWN_TOPIC, topic.name]);
  await ask("an invalid name", ["not / a name"]);
  await ask("an internal topic", ["__consumer_offsets"]);
};

type NewTopic = NonNullable<RequestBody<"CreateTopics">["topics"]>[number];

const createTopics: Script = async (to, version, { topic }) => {
  const create = (label: string, topics: readonly NewTopic[], validateOnly = false) =>
    to.compare(label, "CreateTopics", version, { topics, timeoutMs: WAIT_MS, validateOnly });
  const wanted = (more: NewTopic = {}): NewTopic => ({
    name: to.name("topic"),
    numPartitions: 1,
    replicationFactor: 1,
    ...more,
  });
  const config = (name: string, value: string | null) => wanted({ configs: [{ name, value }] });
  const plain = wanted({ numPartitions: 2 });
  await create("only checked", [plain], true);
  await create("two partitions", [plain]);
  await create("the same again", [plain]);
  await create("the same, only checked", [plain], true);
  await create("with a setting", [config("retention.ms", "1234567")]);
  await create("with two settings", [
    wanted({
      configs: [
        { name: "cleanup.policy", value: "compact,delete" },
        { name: "max.message.bytes", value: "4000" },
      ],
    }),
  ]);
  const given = [{ partitionIndex: 0, brokerIds: [BROKER] }];
  await create("with replicas", [wanted({ numPartitions: -1, replicationFactor: -1, assignments: given })]);
  if (version >= 4) await create("with defaults", [wanted({ numPartitions: -1, replicationFactor: -1 })]);
  await create("a good and a bad one", [wanted(), { ...wanted(), name: topic.name }]);
  await create("nothing", []);
  const twice = wanted();
  await create("a name twice", [twice, twice, wanted()]);
  for (const name of ["", ".", "..", "not / a name", "x".repeat(250), "__consumer_offsets"])
    await create(`the name "${name.slice(0, 20)}"`, [{ ...wanted(), name }]);
  const dotted = to.name("dot.ted");
  await create("a name with dots", [wanted({ name: dotted })]);
  await create("a name that collides", [wanted({ name: dotted.replace(".", "_") })]);
  await create("no partitions", [wanted({ numPartitions: 0 })]);
  await create("too many partitions", [wanted({ numPartitions: 2_000_000 })]);
  await create("no replicas", [wanted({ replicationFactor: 0 })]);
  await create("too many replicas", [wanted({ replicationFactor: 2 })]);
  await create("an unknown setting", [config("no.such.setting", "1")]);
  await create("a bad value", [config("retention.ms", "soon")]);
  await create("a value out of range", [config("max.message.bytes", "-1")]);
  await create("a value that is not listed", [config("cleanup.policy", "burn")]);
  await create("a null value", [config("retention.ms", null)]);
  await create("replicas and numbers", [wanted({ assignments: given })]);
  const bare = { numPartitions: -1, replicationFactor: -1 };
  await create("unknown replicas", [wanted({ ...bare, assignments: [{ partitionIndex: 0, brokerIds: [NO_SUCH_BROKER] }] })]);
  await create("the same replica twice", [wanted({ ...bare, assignments: [{ partitionIndex: 0, brokerIds: [BROKER, BROKER] }] })]);
  await create("a hole in the assignment", [wanted({ ...bare, assignments: [{ partitionIndex: 1, brokerIds: [BROKER] }] })]);
  await create("empty replicas", [wanted({ ...bare, assignments: [{ partitionIndex: 0, brokerIds: [] }] })]);
  await create("a partition assigned twice", [wanted({ ...bare, assignments: [...given, ...given] })]);
};

const createPartitions: Script = async (to, version, { topic: shared }) => {
  const { name } = await newTopic(to);
  const grow = (
    label: string,
    count: number,
    {
      assignments = null,
      validateOnly = false,
      of = name,
    }: { assignments?: readonly { brokerIds: readonly number[] }[] | null; validateOnly?: boolean; of?: string } = {},
  ) =>
    to.compare(label, "CreatePartitions", version, {
      topics: [{ name: of, count, assignments }],
      timeoutMs: WAIT_MS,
      validateOnly,
    });
  await grow("only checked", 2, { validateOnly: true });
  await grow("to two", 2);
  await grow("to two again", 2);
  await grow("to three, with replicas", 3, { assignments: [{ brokerIds: [BROKER] }] });
  await grow("to fewer", 1);
  await grow("to none", 0);
  await grow("to a negative number", -1);
  await grow("too few assignments", 5, { assignments: [{ brokerIds: [BROKER] }] });
  await grow("too many assignments", 4, { assignments: [{ brokerIds: [BROKER] }, { brokerIds: [BROKER] }] });
  await grow("unknown replicas", 4, { assignments: [{ brokerIds: [NO_SUCH_BROKER] }] });
  await grow("a replica twice", 4, { assignments: [{ brokerIds: [BROKER, BROKER] }] });
  await grow("an unknown topic", 2, { of: UNKNOWN_TOPIC });
  const topics = [
    { name: shared.name, count: 9, assignments: null },
    { name: shared.name, count: 9, assignments: null },
  ];
  await to.compare("a topic twice", "CreatePartitions", version, { topics, timeoutMs: WAIT_MS });
  await to.compare("nothing", "CreatePartitions", version, { topics: [], timeoutMs: WAIT_MS });
};

const deleteTopics: Script = async (to, version) => {
  const remove = (label: string, ...topics: readonly Topic[]) =>
    to.compare(label, "DeleteTopics", version, {
      topicNames: topics.map(({ name }) => name),
      topics: topics.map(({ name }) => ({ name })),
      timeoutMs: WAIT_MS,
    });
  const topic = await newTopic(to);
  await remove("a topic", topic);
  await remove("the topic again", topic);
  await remove("an unknown topic", { name: UNKNOWN_TOPIC, id: "" });
  await remove("a good and an unknown topic", await newTopic(to), { name: UNKNOWN_TOPIC, id: "" });
  await remove("nothing");
  const twice = await newTopic(to);
  await remove("a topic twice", twice, twice);
  if (version < 6) return;
  const removeById = (label: string, topics: readonly { name: string | null; topicId: string }[]) =>
    to.compare(label, "DeleteTopics", version, { topics, timeoutMs: WAIT_MS });
  const { name, id } = await newTopic(to);
  await removeById("an unknown id", [{ name: null, topicId: UNKNOWN_TOPIC_ID }]);
  await removeById("by id and name", [{ name, topicId: id }]);
  await removeById("by neither", [{ name: null, topicId: "AAAAAAAAAAAAAAAAAAAAAA" }]);
  await removeById("by id and by name, apart", [
    { name, topicId: "AAAAAAAAAAAAAAAAAAAAAA" },
    { name: null, topicId: id },
  ]);
  const other = await newTopic(to);
  await removeById("by id", [{ name: null, topicId: other.id }]);
};

const electLeaders: Script = async (to, version, { topic }) => {
  const elect = (label: string, partitions: readonly number[], { name = topic.name, electionType = 0 } = {}) =>
    to.compare(label, "ElectLeaders", version, {
      electionType,
      topicPartitions: [{ topic: name, partitions }],
      timeoutMs: WAIT_MS,
    });
  await to.compare("all", "ElectLeaders", version, { electionType: 0, topicPartitions: null, timeoutMs: WAIT_MS });
  await elect("the preferred leader leads", [0, 1]);
  await elect("an unknown partition", [77]);
  await elect("an unknown topic", [0], { name: UNKNOWN_TOPIC });
  if (version >= 1) await elect("an unclean election", [0], { electionType: 1 });
  await to.compare("nothing", "ElectLeaders", version, { electionType: 0, topicPartitions: [], timeoutMs: WAIT_MS });
};

const alterPartitionReassignments: Script = async (to, version, { topic }) => {
  const assign = (label: string, replicas: readonly number[] | null, name = topic.name, partitionIndex = 0) =>
    to.compare(label, "AlterPartitionReassignments", version, {
      topics: [{ name, partitions: [{ partitionIndex, replicas }] }],
      timeoutMs: WAIT_MS,
      allowReplicationFactorChange: true,
    });
  await assign("where it is", [BROKER]);
  await assign("nothing to call off", null);
  await assign("an unknown broker", [NO_SUCH_BROKER]);
  await assign("a broker twice", [BROKER, BROKER]);
  await assign("no replicas", []);
  await assign("an unknown partition", [BROKER], topic.name, 77);
  await assign("an unknown topic", [BROKER], UNKNOWN_TOPIC);
};

const listPartitionReassignments: Script = async (to, version, { topic }) => {
  const ask = (label: string, topics: RequestBody<"ListPartitionReassignments">["topics"]) =>
    to.compare(label, "ListPartitionReassignments", version, { topics: topics ?? null, timeoutMs: WAIT_MS });
  await ask("all", null);
  await ask("of a topic", [{ name: topic.name, partitionIndexes: [0, 1] }]);
  await ask("of an unknown topic", [{ name: UNKNOWN_TOPIC, partitionIndexes: [0] }]);
  await ask("of nothing", []);
};

const describeLogDirs: Script = async (to, version) => {
  const topic = await newTopic(to, 2);
  await produce(to, topic);
  const ask = (label: string, name: string, ...partitions: readonly number[]) =>
    to.compare(label, "DescribeLogDirs", version, { topics: [{ topic: name, partitions }] });
  await ask("a topic", topic.name, 0, 1);
  await ask("an unknown partition", topic.name, 0, 77);
  await ask("an unknown topic", UNKNOWN_TOPIC, 0);
  await to.compare("nothing", "DescribeLogDirs", version, { topics: [] });
};

export const topicScripts: Scripts = {
  Metadata: metadata,
  DescribeTopicPartitions: describeTopicPartitions,
  CreateTopics: createTopics,
  CreatePartitions: createPartitions,
  DeleteTopics: deleteTopics,
  ElectLeaders: electLeaders,
  AlterPartitionReassignments: alterPartitionReassignments,
  ListPartitionReassignments: listPartitionReassignments,
  DescribeLogDirs: describeLogDirs,
};
