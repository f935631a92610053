"""Consume, transform, produce: each input has one output, although every third transaction is aborted and done again."""

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_scenario import admin, consumer, create_topic, outcome, produce, producer, read_all
from scenario import name, saw, until

INPUT, OUTPUT, GROUP = name("input"), name("output"), name("transformers")
PARTITIONS = 3
EACH = 40

create_topic(INPUT, PARTITIONS)
create_topic(OUTPUT, PARTITIONS)
for partition in range(PARTITIONS):
    produce(producer(), INPUT, partition, [f"{partition}/{i}" for i in range(EACH)])

reader = consumer(group_id=GROUP, enable_auto_commit=False, isolation_level="read_committed")
reader.subscribe([INPUT])
sender = producer(transactional_id=name("transformer"))
sender.init_transactions()

transactions = []
done = set()


def rewind(messages):
    first = {}
    for it in messages:
        first.setdefault(it.partition(), it.offset())
    for partition, offset in first.items():
        reader.seek(TopicPartition(INPUT, partition, offset))


def transform():
    messages = [it for it in reader.consume(25, 0.2) if not it.error()]
    if not messages:
        return
    sender.begin_transaction()
    for it in messages:
        sender.produce(OUTPUT, b"<" + it.value() + b">", partition=it.partition())
    sender.send_offsets_to_transaction(reader.position(reader.assignment()), reader.consumer_group_metadata())
    sender.flush()
    if len(transactions) % 3 == 1:
        sender.abort_transaction()
        rewind(messages)
    else:
        sender.commit_transaction()
        done.update((it.partition(), it.offset()) for it in messages)
    transactions.append(len(messages))


until("all are transformed", lambda: len(done) == PARTITIONS * EACH and len(transactions) > 2, transform)
values = [[value for _, value in records] for records in read_all(OUTPUT, PARTITIONS, "read_committed")]
saw("each once and in order", values == [[f"<{partition}/{i}>" for i in range(EACH)] for partition in range(PARTITIONS)])
saw("outputs", [len(it) for it in values])
aborted = sum(len(it) for it in read_all(OUTPUT, PARTITIONS, "read_uncommitted")) - PARTITIONS * EACH
saw("aborted ones are in the log", aborted > 0)
request = [ConsumerGroupTopicPartitions(GROUP)]
committed = outcome(admin().list_consumer_group_offsets(request)[GROUP]).topic_partitions
saw("committed", sorted([it.partition, it.offset] for it in committed))
reader.close()
