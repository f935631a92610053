"""Administration of topics: created, described, configured, extended, shortened, deleted."""

import time

from confluent_kafka import KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)
from confluent_scenario import admin, failure, outcome, producer, until_led
from scenario import PATIENCE_S, name, saw, until

TOPIC = name("topic")
client = admin()


def create(*topics, **options):
    return [failure(it) for it in client.create_topics(list(topics), **options).values()]


saw("validated only", create(NewTopic(TOPIC, 3, 1), validate_only=True))
saw("created", create(NewTopic(TOPIC, 3, 1, config={"retention.ms": "3600000", "max.message.bytes": "2000000"})))
saw("created again", create(NewTopic(TOPIC, 3, 1)))
saw("refused", {
    "no partitions": create(NewTopic(name("no-partitions"), 0, 1)),
    "more replicas than brokers": create(NewTopic(name("replicas"), 1, 3)),
    "illegal name": create(NewTopic("not a name", 1, 1)),
    "empty name": create(NewTopic(".", 1, 1)),
    "unknown config": create(NewTopic(name("config"), 1, 1, config={"no.such.config": "1"})),
    "illegal value": create(NewTopic(name("value"), 1, 1, config={"retention.ms": "soon"})),
})


def is_described():
    try:
        return outcome(client.describe_topics(TopicCollection([TOPIC]))[TOPIC])
    except KafkaException:
        return None


described = until("the topic is described", is_described)
saw("described", {
    "name": described.name,
    "internal": described.is_internal,
    "has an id": str(described.topic_id) != "AAAAAAAAAAAAAAAAAAAAAA",
    "partitions": [[it.id, it.leader is not None, len(it.replicas), len(it.isr)] for it in described.partitions],
})
saw("described, unknown", failure(client.describe_topics(TopicCollection([name("unknown")]))[name("unknown")]))

RESOURCE = ConfigResource(ResourceType.TOPIC, TOPIC)
SHOWN = ["retention.ms", "max.message.bytes", "cleanup.policy", "compression.type", "retention.bytes"]


def configs():
    entries = outcome(client.describe_configs([RESOURCE])[RESOURCE])
    return {key: [entries[key].value, entries[key].source == 1, entries[key].is_default] for key in SHOWN}


def alter(key, value, operation):
    entry = ConfigEntry(key, value, incremental_operation=operation)
    resource = ConfigResource(ResourceType.TOPIC, TOPIC, incremental_configs=[entry])
    return failure(client.incremental_alter_configs([resource])[resource])


saw("configs", configs())
saw("altered", [
    alter("retention.bytes", "1000000", AlterConfigOpType.SET),
    alter("retention.ms", None, AlterConfigOpType.DELETE),
    alter("cleanup.policy", "compact", AlterConfigOpType.APPEND),
    alter("cleanup.policy", "delete", AlterConfigOpType.SUBTRACT),
    alter("no.such.config", "1", AlterConfigOpType.SET),
    alter("retention.bytes", "many", AlterConfigOpType.SET),
    alter("retention.bytes", "1", AlterConfigOpType.APPEND),
])
until("the configs are altered", lambda: configs()["cleanup.policy"][0] == "compact")
saw("configs, altered", configs())
saw("policy is delete again", alter("cleanup.policy", None, AlterConfigOpType.DELETE))


def extend(topic, total):
    return failure(client.create_partitions([NewPartitions(topic, total)])[topic])


saw("extended", [extend(TOPIC, 5), extend(TOPIC, 5), extend(TOPIC, 2), extend(name("unknown"), 2)])
until_led(TOPIC, 5)

sender = producer()
before = int(time.time() * 1000)
for i in range(10):
    sender.produce(TOPIC, f"record {i}", partition=4, timestamp=before - 1000 * (10 - i))
sender.flush(PATIENCE_S)


def offsets(**specs):
    where = TopicPartition(TOPIC, 4)
    found = {word: outcome(client.list_offsets({where: spec})[where]) for word, spec in specs.items()}
    return {word: [it.offset, it.timestamp - before if it.timestamp > 0 else it.timestamp] for word, it in found.items()}


ALL = {
    "earliest": OffsetSpec.earliest(),
    "latest": OffsetSpec.latest(),
    "newest": OffsetSpec.max_timestamp(),
    "by_timestamp": OffsetSpec.for_timestamp(before - 4500),
    "after_all": OffsetSpec.for_timestamp(before + 1000),
}
saw("offsets", offsets(**ALL))


def delete_records(partition, offset):
    where = TopicPartition(TOPIC, partition, offset)
    future = client.delete_records([where])[where]
    return failure(future) or outcome(future).low_watermark


saw("records deleted", [delete_records(4, 3), delete_records(4, 2), delete_records(4, 11), delete_records(0, -1)])
saw("offsets, shortened", offsets(**ALL))
saw("records deleted to the end", delete_records(4, -1))
# Apache Kafka goes on to name the newest record even though it is deleted: nothing to insist on.
del ALL["newest"]
saw("offsets, emptied", offsets(**ALL))

saw("deleted", [failure(client.delete_topics([it])[it]) for it in [TOPIC, name("unknown")]])
until("the topic is gone", lambda: TOPIC not in client.list_topics(timeout=PATIENCE_S).topics)
saw("deleted again", failure(client.delete_topics([TOPIC])[TOPIC]))
