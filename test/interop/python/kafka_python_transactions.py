"""Transactions with offsets in them, aborted ones, and a zombie."""

from kafka import OffsetAndMetadata, TopicPartition
from kafka_python_scenario import consumer, create_topic, producer, read_by, refused
from scenario import name, saw, until

TOPIC, GROUP, ID = name("transactions"), name("group"), name("id")
PART = TopicPartition(TOPIC, 0)
LEVELS = ["read_committed", "read_uncommitted"]

create_topic(TOPIC, 1)


def end(level):
    with consumer(isolation_level=level) as reader:
        return reader.end_offsets([PART])[PART]


def read_all(level):
    with consumer(isolation_level=level) as reader:
        reader.assign([PART])
        reader.seek_to_beginning(PART)
        wanted, read = end(level), []
        until("all are read", lambda: reader.position(PART) >= wanted, lambda: read.extend(read_by(reader)))
        return [[offset, value] for _, _, offset, value in read]


def until_ends(**ends):
    """A producer is told that its transaction ends, and only then the marker is written."""
    until(f"the ends {ends}", lambda: {level: end(level) for level in LEVELS} == ends)


def send(sender, *values):
    return [it.get(30).offset for it in [sender.send(TOPIC, value.encode(), partition=0) for value in values]]


sender = producer(transactional_id=ID)
sender.init_transactions()
sender.begin_transaction()
saw("offsets of the first", send(sender, "committed 1", "committed 2"))
sender.send_offsets_to_transaction({PART: OffsetAndMetadata(1, "in a transaction", -1)}, GROUP)
until_ends(read_committed=0, read_uncommitted=2)
sender.commit_transaction()
until_ends(read_committed=3, read_uncommitted=3)

sender.begin_transaction()
saw("offsets of the second", send(sender, "aborted 1", "aborted 2"))
sender.send_offsets_to_transaction({PART: OffsetAndMetadata(4, "never seen", -1)}, GROUP)
sender.abort_transaction()
until_ends(read_committed=6, read_uncommitted=6)

with consumer(group_id=GROUP) as reader:
    committed = until("the offsets are committed", lambda: reader.committed(PART, metadata=True))
    saw("committed offset", [committed.offset, committed.metadata])

sender.begin_transaction()
send(sender, "lost with the zombie")
successor = producer(transactional_id=ID)
successor.init_transactions()
saw("the zombie commits", refused(sender.commit_transaction))
successor.begin_transaction()
send(successor, "by the successor")
successor.commit_transaction()
until_ends(read_committed=10, read_uncommitted=10)
saw("records", {level: read_all(level) for level in LEVELS})
successor.close()
sender.close(0)
