"""Administration of the cluster and its topics: created, described, configured, extended, shortened, deleted."""

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec, OffsetTimestamp
from kafka_python_scenario import admin, create_topic, producer, refused, until_led
from scenario import name, saw, until

TOPIC, PLAIN = name("topic"), name("plain")
PART = TopicPartition(TOPIC, 3)
START_MS = 1_700_000_000_000
client = admin()

cluster = client.describe_cluster()
saw("cluster", [len(cluster["brokers"]), cluster["controller_id"] in [it["broker_id"] for it in cluster["brokers"]]])


def error_of(options, **more):
    return refused(lambda: client.create_topics(options, **more))


saw("validated only", error_of({TOPIC: {"num_partitions": 2}}, validate_only=True))
saw("created", error_of({TOPIC: {"num_partitions": 2, "configs": {"retention.ms": "-1"}}, PLAIN: {}}))
until_led(TOPIC, 2)
until_led(PLAIN, 1)
saw("created again", error_of({TOPIC: {}}))
saw("refused", {
    "more replicas than brokers": error_of({name("replicas"): {"num_partitions": 1, "replication_factor": 2}}),
    "no partitions": error_of({name("none"): {"num_partitions": 0, "replication_factor": 1}}),
    "an unknown broker": error_of({name("broker"): {"assignments": {0: [4711]}}}),
    "unknown config": error_of({name("config"): {"configs": {"no.such.config": "1"}}}),
    "illegal name": error_of({"no/name": {}}),
    "long name": error_of({"x" * 250: {}}),
})


def described(*topics):
    found = {it["name"]: it for it in client.describe_topics(list(topics))}
    return [
        [found[it]["error_code"], found[it]["is_internal"], sorted(
            [part["partition_index"], len(part["replica_nodes"]), len(part["isr_nodes"]), part["error_code"]]
            for part in found[it]["partitions"]
        )]
        for it in topics
    ]


saw("described", described(TOPIC, PLAIN))
saw("described, unknown", described(name("unknown")))
saw("listed", {TOPIC, PLAIN} <= set(client.list_topics()))

saw("extended", refused(lambda: client.create_partitions({TOPIC: 4})))
saw("extended to fewer", refused(lambda: client.create_partitions({TOPIC: 3})))
saw("extended, unknown", refused(lambda: client.create_partitions({name("unknown"): 4})))
until_led(TOPIC, 4)
saw("described, extended", described(TOPIC))

SHOWN = {"retention.ms": None, "cleanup.policy": None, "delete.retention.ms": None, "max.message.bytes": None}


def configs():
    resource = ConfigResource(ConfigResourceType.TOPIC, TOPIC, dict(SHOWN))
    found = client.describe_configs([resource], config_filter="all")["topic"][TOPIC]
    shown = ["value", "config_source", "config_type", "read_only", "is_sensitive"]
    return {key: [it[field] for field in shown] for key, it in sorted(found.items())}


def alter(**settings):
    changed = {key.replace("_", "."): value for key, value in settings.items()}
    return client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC, changed)])["topic"][TOPIC]


saw("configs", configs())
saw("altered", alter(retention_ms="86400000", cleanup_policy="compact,delete"))
until("the configs are altered", lambda: configs()["retention.ms"][0] == "86400000")
saw("configs, altered", configs())
client.reset_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC, {"cleanup.policy": None, "retention.ms": None})])
until("the configs are reset", lambda: configs()["cleanup.policy"][0] == "delete")
saw("configs, reset", configs())
client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC, {"retention.ms": "-1"})])
until("old records may stay", lambda: configs()["retention.ms"][0] == "-1")

with producer() as sender:
    for i in range(10):
        sender.send(TOPIC, f"record {i}".encode(), partition=3, timestamp_ms=START_MS + 100 * (i if i < 8 else 0))
    sender.flush(30)


def offsets():
    specs = {
        "earliest": OffsetSpec.EARLIEST,
        "latest": OffsetSpec.LATEST,
        "newest": OffsetSpec.MAX_TIMESTAMP,
        "at": OffsetTimestamp(START_MS + 401),
    }
    found = {word: client.list_partition_offsets({PART: spec})[PART] for word, spec in specs.items()}
    return {word: [it.offset, it.timestamp] for word, it in found.items()}


saw("offsets", offsets())
saw("records deleted", client.delete_records({PART: 6})[PART]["low_watermark"])
saw("offsets, shortened", offsets())
saw("records deleted beyond the end", refused(lambda: client.delete_records({PART: 11})))

client.delete_topics([TOPIC])
until("the topic is gone", lambda: TOPIC not in client.list_topics())
saw("deleted again", refused(lambda: client.delete_topics([TOPIC])))
create_topic(TOPIC, 1)
saw("created anew", described(TOPIC))
ANEW = TopicPartition(TOPIC, 0)
saw("offset, created anew", client.list_partition_offsets({ANEW: OffsetSpec.LATEST})[ANEW].offset)
