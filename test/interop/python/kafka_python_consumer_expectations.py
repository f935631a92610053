"""What users of kafka-python's consumer are used to, observed: see test/contract/consumer-expectations.ts for ours."""

import time

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka_python_scenario import admin, consumer, create_topic, producer
from scenario import BOOTSTRAP, name, saw, until

AT = 1_700_000_000_000
TOPIC = name("records")
P0, P1, P2 = PARTS = [TopicPartition(TOPIC, partition) for partition in range(3)]

create_topic(TOPIC, 3, retention_ms="-1")
with producer() as sender:
    for partition, count in [(0, 10), (1, 5)]:
        for i in range(count):
            sender.send(TOPIC, b"%d" % i, partition=partition, timestamp_ms=AT + i * 1000)
    sender.flush(30)
admin().delete_records({P1: 2})


def fails(action):
    """The name of the error that an action ends with; None if it does not."""
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return None


def of(*partitions, **settings):
    reader = consumer(**settings)
    reader.assign(partitions)
    return reader


def polled(reader, timeout_ms=10_000, max_records=None):
    return [it for batch in reader.poll(timeout_ms=timeout_ms, max_records=max_records).values() for it in batch]


def read(reader, count):
    """So many records."""
    records = []
    until(f"{count} records", lambda: len(records) >= count, lambda: records.extend(polled(reader, 500, count - len(records))))
    return records


def offsets(records):
    return [it.offset for it in records]


def numbers(partitions):
    return None if partitions is None else sorted(it.partition for it in partitions)


class Listener(ConsumerRebalanceListener):
    def __init__(self):
        self.calls = []

    def on_partitions_assigned(self, assigned):
        self.calls.append(["assigned", numbers(assigned)])

    def on_partitions_revoked(self, revoked):
        self.calls.append(["revoked", numbers(revoked)])


defaults = {}
for key, value in KafkaConsumer.DEFAULT_CONFIG.items():
    plain = isinstance(value, (int, str, type(None)))
    defaults[key] = value if plain else "inf" if value == float("inf") else type(value).__name__
defaults["partition_assignment_strategy"] = [it.name for it in KafkaConsumer.DEFAULT_CONFIG["partition_assignment_strategy"]]
saw("configuration", defaults)

# The constructor.
saw("an unknown key", fails(lambda: consumer(no_such_key=1)))
saw("an isolation_level that there is not", fails(lambda: consumer(isolation_level="read_everything")))
saw("an auto_offset_reset that there is not", fails(lambda: consumer(auto_offset_reset="somewhere")))
saw("group_instance_id without group_id", fails(lambda: consumer(group_instance_id="me")))
saw("fetch_max_wait_ms that is not less than request_timeout_ms", fails(lambda: consumer(fetch_max_wait_ms=5000, request_timeout_ms=5000)))
saw("heartbeat_interval_ms that is not less than session_timeout_ms", fails(lambda: consumer(group_id=name("group"), heartbeat_interval_ms=6000, session_timeout_ms=6000)))
saw("enable_auto_commit=True without group_id", fails(lambda: consumer(enable_auto_commit=True)))
saw("receive_message_max_bytes has room for what is fetched", consumer(fetch_max_bytes=200_000_000).config["receive_message_max_bytes"])
saw("auto_offset_reset='smallest' is earliest", of(P1, auto_offset_reset="smallest").position(P1))
saw("auto_offset_reset='largest' is latest", of(P1, auto_offset_reset="largest").position(P1))
saw("the constructor, when no server answers", fails(lambda: KafkaConsumer(bootstrap_servers="127.0.0.1:1", bootstrap_timeout_ms=300)))
reader = of(P0)
saw("bootstrap_connected after the first poll", [len(read(reader, 1)), reader.bootstrap_connected()])

# Assigning and subscribing.
reader = of(P0, P1)
saw("assignment", numbers(reader.assignment()))
reader.assign([P2])
saw("assign replaces what was assigned", numbers(reader.assignment()))
saw("subscribe after assign", fails(lambda: reader.subscribe([TOPIC])))
reader.assign([])
saw("assign nothing", [numbers(reader.assignment()), fails(lambda: reader.subscribe([TOPIC]))])
saw("assign after subscribe", fails(lambda: reader.assign([P0])))
saw("a pattern after topics", fails(lambda: reader.subscribe(pattern="^x")))
saw("subscribe to other topics", [fails(lambda: reader.subscribe([TOPIC, name("another")])), len(reader.subscription())])
reader.unsubscribe()
saw("unsubscribe", [numbers(reader.assignment()), sorted(reader.subscription() or [])])
saw("subscription, before there was one", consumer().subscription())
reader = of(P0, P1)
reader.seek(P0, 7)
reader.pause(P0)
reader.assign([P0, P2])
saw("assign keeps position and pause of what stays", [reader.position(P0), numbers(reader.paused())])
reader = consumer()
listener = Listener()
reader.subscribe([TOPIC], listener=listener)
saw("subscribe without a group reads all partitions", sorted([it.partition, it.offset] for it in read(reader, 13)) == [[0, i] for i in range(10)] + [[1, i] for i in range(2, 5)])
saw("the listener of a subscription without a group", listener.calls)
saw("assignment of a subscription", numbers(reader.assignment()))
reader.unsubscribe()
saw("the listener, when it is unsubscribed", listener.calls[1:])
saw("subscribe to one topic as a text", fails(lambda: consumer().subscribe(TOPIC)))
saw("subscribe to a name that no topic can have", fails(lambda: consumer().subscribe(["not a topic"])))
saw("subscribe to what is no topic", fails(lambda: consumer().subscribe([42])))
saw("subscribe with a listener that is none", fails(lambda: consumer().subscribe([TOPIC], listener=42)))
reader = consumer()
reader.subscribe(pattern="^" + TOPIC + "$")
read(reader, 13)
saw("subscription of a pattern", [it == TOPIC for it in reader.subscription()])
reader = consumer()
reader.subscribe(pattern=TOPIC[1:])
saw("a pattern fits anywhere in a name", len(polled(reader, 1000)) > 0)

# Poll.
reader = consumer()
saw("poll with nothing assigned", len(polled(reader, 100)))
reader = of(P0)
saw("poll with a negative timeout", fails(lambda: reader.poll(timeout_ms=-1)))
saw("max_records=0", fails(lambda: reader.poll(max_records=0)))
saw("max_records=1.5", fails(lambda: reader.poll(max_records=1.5)))
saw("max_records leaves the rest for the next poll", [offsets(polled(reader, max_records=3)), offsets(polled(reader, 0, 4)), offsets(polled(reader, 0))])
saw("the position after polls", reader.position(P0))
saw("poll at the end of the log", len(polled(reader, 300)))
reader.seek(P0, 0)
polled(reader, max_records=3)
reader.pause(P0)
held = offsets(polled(reader, 300))
reader.resume(P0)
saw("what is left of a poll waits while it is paused", [held, offsets(polled(reader, max_records=2))])
saw("max_poll_records", len(polled(of(P0, max_poll_records=4))))
empty = of(P2)
saw("poll with nothing to read", len(polled(empty, 200)))
with producer() as sender:
    sender.send(TOPIC, b"value", b"key", partition=2, timestamp_ms=AT, headers=[("h", b"1"), ("h", b"")]).get(30)
    sender.send(TOPIC, None, b"gone", partition=2, timestamp_ms=AT).get(30)
first, second = read(empty, 2)
saw("a record", [first.topic == TOPIC, first.offset, first.timestamp, first.key.decode(), first.value.decode(), first.leader_epoch])
saw("timestamp_type of a record", first.timestamp_type)
saw("headers of a record", [[key, value.decode()] for key, value in first.headers])
saw("sizes of a record", [first.serialized_key_size, first.serialized_value_size])
saw("a record without a value", [second.value, second.serialized_value_size])
called = []
reader = of(P2, value_deserializer=lambda it: called.append(it is None))
read(reader, 2)
saw("deserializers are called for null", any(called))
reader = of(P2, key_deserializer=lambda it: it.decode().upper(), value_deserializer=lambda it: it and it.decode())
saw("deserializers make keys and values", [[it.key, it.value] for it in read(reader, 2)])


# Iterating.
reader = of(P0, consumer_timeout_ms=500)
read(reader, 1)
reader.seek(P0, 0)
saw("iterating ends after consumer_timeout_ms without a record", offsets(list(reader)) == list(range(10)))
reader.seek(P0, 8)
saw("iterating again goes on", offsets(list(reader)))
reader.seek(P0, 0)
taken = [next(reader).offset for _ in range(3)]
saw("the position goes on with each record of a loop", [taken, reader.position(P0)])
saw("poll after a loop goes on behind its last record", offsets(polled(reader, max_records=2)))


def taken_until(reader, last, action):
    """The offsets that a loop gives, which does something when it has got the last one of these."""
    offsets_taken = []
    for it in reader:
        offsets_taken.append(it.offset)
        if it.offset == last and len(offsets_taken) == last + 1:
            action()
    return offsets_taken


reader.seek(P0, 0)
saw("seek in a loop", taken_until(reader, 2, lambda: reader.seek(P0, 8)))
reader.seek(P0, 0)
saw("pause in a loop", taken_until(reader, 2, lambda: reader.pause(P0)))
reader.resume(P0)
saw("resume after a loop", offsets(polled(reader, max_records=1)))
reader.seek(P0, 0)
saw("assign other partitions in a loop", taken_until(reader, 2, lambda: [reader.assign([P2]), reader.seek_to_end(P2)]))
reader.close()
saw("iterating after close", fails(lambda: list(reader)))

# Positions.
reader = of(P0, P1, P2)
saw("position at first, with earliest", [reader.position(P0), reader.position(P1)])
latest = of(P0, auto_offset_reset="latest")
saw("position at first, with latest", latest.position(P0))
saw("position of what is not assigned", fails(lambda: of(P0).position(P1)))
saw("position of what is no partition", fails(lambda: of(P0).position(TOPIC)))
saw("position with auto_offset_reset='none' and nothing committed", fails(lambda: of(P0, auto_offset_reset="none").position(P0)))
saw("poll with auto_offset_reset='none' and nothing committed", fails(lambda: of(P0, auto_offset_reset="none").poll(5000)))
NOWHERE = TopicPartition(TOPIC, 99)
saw("position of a partition that there is not, after its timeout", fails(lambda: of(NOWHERE).position(NOWHERE, timeout_ms=300)))
saw("seek", [reader.seek(P0, 5), reader.position(P0)])
saw("seek to a negative offset", fails(lambda: reader.seek(P0, -1)))
saw("seek to half an offset", fails(lambda: reader.seek(P0, 1.5)))
saw("seek what is not assigned", fails(lambda: of(P0).seek(P1, 0)))
saw("seek what is no partition", fails(lambda: reader.seek(TOPIC, 0)))
reader.seek_to_end()
saw("seek_to_end of all", [reader.position(it) for it in PARTS[:2]])
reader.seek_to_beginning(P1)
saw("seek_to_beginning of one", [reader.position(it) for it in PARTS[:2]])
saw("seek_to_end with nothing assigned", fails(lambda: consumer().seek_to_end()))
saw("seek_to_beginning of what is not assigned", fails(lambda: of(P0).seek_to_beginning(P1)))
reader = of(P0)
read(reader, 2)
reader.seek(P0, 8)
saw("seek drops what was fetched already", offsets(read(reader, 2)))
reader = of(P0, P1)
saw("highwater before the first fetch", reader.highwater(P0))
reader.pause(P0)
reader.pause(P0)
saw("paused", numbers(reader.paused()))
saw("what is paused is not read", sorted({it.partition for it in read(reader, 3)}))
reader.resume(P0)
saw("what is resumed is read", sorted({it.partition for it in read(reader, 10)}))
saw("highwater", [reader.highwater(P0), reader.highwater(P1)])
saw("highwater of what is not assigned", fails(lambda: reader.highwater(P2)))
saw("pause what is not assigned", fails(lambda: reader.pause(P2)))
saw("resume what is not assigned", fails(lambda: reader.resume(P2)))
reader.seek(P1, 0)
saw("an offset before the log's start, with earliest", offsets(read(reader, 1)))
latest = of(P0, auto_offset_reset="latest")
latest.seek(P0, 100)
until("the reset", lambda: latest.position(P0) == 10, lambda: polled(latest, 100))
saw("an offset behind the log's end, with latest", latest.position(P0))


def out_of_range():
    strict = of(P0, auto_offset_reset="none")
    strict.seek(P0, 100)
    until("the error", lambda: polled(strict, 100))


saw("an offset out of range, with 'none'", fails(out_of_range))
saw("beginning_offsets", [offset for _, offset in sorted(reader.beginning_offsets(PARTS[:2]).items())])
saw("end_offsets", [offset for _, offset in sorted(reader.end_offsets(PARTS[:2]).items())])
quick = consumer(request_timeout_ms=2000)
saw("end_offsets of a partition that there is not", fails(lambda: quick.end_offsets([NOWHERE])))
found = [reader.offsets_for_times({P0: AT + ms})[P0] for ms in [-1, 1500, 9000, 9001]]
saw("offsets_for_times", [it and [it.offset, it.timestamp - AT] for it in found])
saw("offsets_for_times before 1970", fails(lambda: reader.offsets_for_times({P0: -1})))
saw("topics", [TOPIC in reader.topics(), name("no-topic") in reader.topics()])
saw("partitions_for_topic", sorted(reader.partitions_for_topic(TOPIC)))
saw("partitions_for_topic of a topic that there is not", sorted(quick.partitions_for_topic(name("no-partitions"))))

# Commits.
saw("commit without a group", fails(lambda: of(P0).commit()))
saw("commit_async without a group", fails(lambda: of(P0).commit_async()))
saw("committed without a group", fails(lambda: of(P0).committed(P0)))
GROUP = name("group")
reader = of(P0, group_id=GROUP, enable_auto_commit=False)
saw("committed, before anything is", reader.committed(P0))
read(reader, 3)
saw("commit is of the position", [reader.commit(), reader.committed(P0)])
reader.commit({P1: OffsetAndMetadata(4, "a word", -1)})
saw("commit offsets with metadata", [reader.committed(P1), reader.committed(P1, metadata=True).metadata])
saw("commit of no offsets", fails(lambda: reader.commit({})))
saw("commit of what are no offsets", fails(lambda: reader.commit(42)))
saw("commit of a negative offset", fails(lambda: reader.commit({P0: OffsetAndMetadata(-5, "", -1)})))
saw("commit with too much metadata", fails(lambda: reader.commit({P0: OffsetAndMetadata(4, "x" * 5000, -1)})))
saw("committed of what is no partition", fails(lambda: reader.committed(TOPIC)))
reader.seek(P0, 9)
saw("commit what was only sought", [reader.commit(), reader.committed(P0)])
loop = of(P0, group_id=name("loop"), enable_auto_commit=False)
for it in loop:
    if it.offset == 2:
        loop.commit()
        break
saw("commit in a loop is of what it was given", loop.committed(P0))
other = of(P0, P1, group_id=GROUP)
saw("who comes next begins with what is committed", [other.position(P0), other.position(P1)])
late = of(P0, group_id=name("late"), enable_auto_commit=False)
for offset in [3, 7]:
    late.commit({P0: OffsetAndMetadata(offset, "", -1)})
saw("reading begins with what is committed when it begins", offsets(polled(late, max_records=1)))
told = []
for offset in [1, 2, 3]:
    reader.commit_async({P0: OffsetAndMetadata(offset, "", -1)}, callback=lambda given, result: told.append([given[P0].offset, isinstance(result, Exception)]))
saw("commit_async calls nobody at once", told == [])
until("the callbacks", lambda: len(told) == 3, lambda: reader.poll(100))
saw("callbacks of commit_async", sorted(told))
failed = []
reader.commit_async({P0: OffsetAndMetadata(1, "x" * 5000, -1)}, callback=lambda _given, result: failed.append(type(result).__name__))
until("the callback", lambda: failed, lambda: reader.poll(100))
saw("commit_async that fails", failed)
told = []
default = of(P0, group_id=name("default"), enable_auto_commit=False, default_offset_commit_callback=lambda given, _: told.append(given[P0].offset))
default.commit_async({P0: OffsetAndMetadata(6, "", -1)})
until("the callback", lambda: told, lambda: default.poll(100))
saw("default_offset_commit_callback", told)
meta = of(P0, group_id=GROUP).group_metadata()
saw("group_metadata", [meta.group_id == GROUP, meta.member_id, meta.generation_id])

# Auto-commit, and close.
auto = of(P0, group_id=name("auto"), auto_commit_interval_ms=10)
polled(auto, max_records=2)
time.sleep(0.1)
polled(auto, max_records=2)
saw("auto-commit leaves out what the last poll handed out", until("a commit", lambda: auto.committed(P0)))
for what, options in [("close commits what was handed out", {}), ("close(autocommit=False)", {"autocommit": False})]:
    closing = of(P0, group_id=name("closing") + what[:12].replace("(", ""))
    read(closing, 3)
    closing.close(**options)
    saw(what, of(P0, group_id=closing.config["group_id"]).committed(P0))
saw("close twice", fails(closing.close))
saw("poll after close", fails(closing.poll))
saw("seek after close", fails(lambda: closing.seek(P0, 0)))
saw("assignment after close", numbers(closing.assignment()))

# Records that cannot be read.
BAD = TopicPartition(name("bad"), 0)
create_topic(BAD.topic, 1)
with producer() as sender:
    for value in [b"1", b"no number", b"3"]:
        sender.send(BAD.topic, value).get(30)
reader = of(BAD, value_deserializer=int)
saw("records before one that cannot be deserialized", [it.value for it in polled(reader)])
saw("a deserializer that fails", fails(lambda: reader.poll(5000)))
saw("the position stays at what cannot be deserialized", reader.position(BAD))
reader.seek(BAD, 2)
saw("seek goes past it", [it.value for it in read(reader, 1)])

# Transactions.
DONE = TopicPartition(name("done"), 0)
create_topic(DONE.topic, 1)
with producer(transactional_id=name("id")) as sender:
    sender.init_transactions()
    for value, end in [(b"aborted", sender.abort_transaction), (b"committed", sender.commit_transaction), (b"open", None)]:
        sender.begin_transaction()
        sender.send(DONE.topic, value).get(30)
        if end is not None:
            end()
    saw("read_uncommitted", [it.value.decode() for it in read(of(DONE), 3)])
    committed = of(DONE, isolation_level="read_committed")
    saw("read_committed", [it.value.decode() for it in read(committed, 1)])
    saw("an open transaction holds back what comes", len(polled(committed, 300)))
    saw("end_offsets with read_committed", committed.end_offsets([DONE])[DONE])
    until("the end", lambda: committed.position(DONE) == 4, lambda: polled(committed, 100))
    saw("the position goes over what was aborted", committed.position(DONE))
    sender.abort_transaction()

# Settings of fetches and topics.
BIG = TopicPartition(name("big"), 0)
create_topic(BIG.topic, 1)
with producer() as sender:
    sender.send(BIG.topic, b"x" * 100_000).get(30)
saw("a record larger than max_partition_fetch_bytes", [len(it.value) for it in read(of(BIG, max_partition_fetch_bytes=1000, fetch_max_bytes=1000), 1)])
internal = consumer()
internal.subscribe(pattern="^__consumer_offsets$")
internal.poll(500)
saw("a pattern leaves internal topics out", sorted(internal.subscription()))
internal = consumer(exclude_internal_topics=False)
internal.subscribe(pattern="^__consumer_offsets$")
until("the topic", internal.subscription, lambda: internal.poll(100))
saw("exclude_internal_topics=False", sorted(internal.subscription()))
for allowed in [True, False]:
    topic = name(f"made-{allowed}")
    reader = consumer(allow_auto_create_topics=allowed)
    reader.subscribe([topic])
    until("the topic", lambda: topic in admin().list_topics(), lambda: polled(reader, 100))
    saw(f"allow_auto_create_topics={allowed}", topic in admin().list_topics())
reader = of(P0)
read(reader, 10)
groups = reader.metrics()
saw("metrics", {group: sorted(values) for group, values in groups.items() if "." not in group})
saw("metrics_enabled=False", consumer(metrics_enabled=False).metrics())
