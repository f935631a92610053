"""What users of kafka-python's producer are used to, observed: see test/contract/producer-expectations.ts for ours."""

import json
import time

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka_python_scenario import consumer, create_topic, producer
from scenario import BOOTSTRAP, name, saw

TOPIC = name("records")
create_topic(TOPIC, 7, retention_ms="-1")


def fails(action):
    """The name of the error that an action ends with, at once or later; None if it does not."""
    try:
        result = action()
        if hasattr(result, "get"):
            result.get(30)
    except (KafkaError, ValueError, TypeError, AttributeError) as error:
        return type(error).__name__
    return None


def sent(sender, **record):
    it = sender.send(TOPIC, **record).get(30)
    return [it.partition, it.serialized_key_size, it.serialized_value_size]


defaults = {}
for key, value in KafkaProducer.DEFAULT_CONFIG.items():
    defaults[key] = value if isinstance(value, (int, str, list, type(None))) and not isinstance(value, list) else type(value).__name__
    if value == float("inf"):
        defaults[key] = "inf"
saw("configuration", defaults)

with producer() as sender:
    it = sender.send(TOPIC, b"Hello world", partition=6).get(30)
    saw("send(topic, value) tells where it was written", [it.topic, it.partition, it.offset, it.serialized_key_size, it.serialized_value_size])
    saw("bootstrap_connected after the first send", sender.bootstrap_connected())
    saw("a key without a value is a tombstone", sent(sender, key=b"gone", value=None, partition=0))
    saw("neither key nor value", fails(lambda: sender.send(TOPIC, partition=0)))
    saw("text without a serializer", fails(lambda: sender.send(TOPIC, "Hello kafka!", partition=0)))
    saw("a number without a serializer", fails(lambda: sender.send(TOPIC, 42, partition=0)))
    saw("headers are a list of pairs", fails(lambda: sender.send(TOPIC, b"it", headers=[("content-encoding", b"base64"), ("same", b""), ("same", b"2")], partition=0)))
    saw("a header's value may be null", fails(lambda: sender.send(TOPIC, b"it", headers=[("a", None)], partition=0)))
    saw("headers that are no pairs", fails(lambda: sender.send(TOPIC, b"it", headers=["a"], partition=0)))
    saw("a partition that there is not", fails(lambda: sender.send(TOPIC, b"it", partition=99)))
    saw("a negative partition", fails(lambda: sender.send(TOPIC, b"it", partition=-1)))
    saw("bytes in any wrapping", [sent(sender, key=bytearray(b"it"), value=memoryview(b"_it_")[1:3], partition=0), sent(sender, value=bytearray(b"it"), partition=0)])
    saw("keys decide the partition", [sent(sender, key=f"key {i}".encode(), value=b"it")[0] for i in range(30)])
    saw("an empty key is a key", sent(sender, key=b"", value=b"it")[0])
    saw("timestamp_ms", sender.send(TOPIC, b"it", timestamp_ms=1_700_000_000_123, partition=0).get(30).timestamp)
    before = int(time.time() * 1000)
    saw("the time is that of sending", abs(sender.send(TOPIC, b"it", partition=0).get(30).timestamp - before) < 10_000)
    saw("a record larger than max_request_size", fails(lambda: sender.send(TOPIC, b"x" * 2_000_000, partition=0)))
    saw("a topic with an illegal name", fails(lambda: sender.send("not a legal name", b"it")))
    saw("partitions_for", sorted(sender.partitions_for(TOPIC)))
    futures = [sender.send(TOPIC, b"msg %d" % i, partition=1) for i in range(1000)]
    sender.flush()
    saw("flush waits for all that was sent", all(future.succeeded() for future in futures))
    saw("offsets of a partition rise in the order of sending", [future.value.offset for future in futures] == list(range(futures[0].value.offset, futures[0].value.offset + 1000)))
    called = []
    for i in range(100):
        sender.send(TOPIC, b"it", partition=2).add_callback(lambda metadata, i=i: called.append(i))
    sender.flush()
    saw("callbacks of a partition come in the order of sending", called == list(range(100)))
    places = {it.get(30).partition for it in [sender.send(TOPIC, b"it") for _ in range(300)]}
    saw("300 records without a key, sent together, go to more than one partition", len(places) > 1)
    STAMPED = name("stamped")
    create_topic(STAMPED, 1, message_timestamp_type="LogAppendTime")
    saw("the broker's time is told, where it counts", sender.send(STAMPED, b"it", timestamp_ms=1_700_000_000_123).get(30).timestamp > 1_700_000_000_123)
    saw("begin_transaction without transactional_id", fails(sender.begin_transaction))
    saw("init_transactions without transactional_id", fails(sender.init_transactions))
    saw("metrics", sorted(key for key in sender.metrics()["producer-metrics"]))
    saw("metrics of a topic", sorted(key for key in sender.metrics()[f"producer-topic-metrics.{TOPIC}"]))

sender = producer()
future = sender.send(TOPIC, b"{\"test_msg\":\"hello world\"}", partition=3)
sender.close()
saw("close waits for what was sent", future.succeeded())
saw("send after close", fails(lambda: sender.send(TOPIC, b"it")))
saw("close twice", fails(sender.close))
saw("partitions_for after close", fails(lambda: sender.partitions_for(TOPIC)))

SMALL = name("small")
create_topic(SMALL, 1, max_message_bytes="1000")
sender = producer()
failures = []
large = sender.send(SMALL, b"x" * 2000)
large.add_callback(lambda _: failures.append(None)).add_errback(lambda error: failures.append(type(error).__name__))
fails(lambda: large)
saw("an errback is told of a record that the topic finds too large", failures)
fails(sender.close)
sender = producer()
many = [sender.send(SMALL, b"x" * 100) for _ in range(100)]
saw("records that the topic finds too large only together are written", {fails(lambda it=it: it) for it in many} == {None})
fails(sender.close)

sender = producer(linger_ms=50_000, delivery_timeout_ms=100_000)
sender.send(TOPIC, b"first", partition=5)
sender.flush()
future = sender.send(TOPIC, b"never sent", partition=5)
try:
    future.get(timeout=0.2)
except Exception as error:
    saw("waiting for a record for a limited time", type(error).__name__)
saw("close(timeout=0) while a record waits", fails(lambda: sender.close(timeout=0)))
sender.close()

with KafkaProducer(bootstrap_servers=[BOOTSTRAP, BOOTSTRAP], acks="all") as sender:
    saw("servers in a list, and acks='all'", sent(sender, value=b"it", partition=5))
with producer(compression_type="gzip", max_request_size=1024 * 1024 * 20) as sender:
    saw("gzip, and a record of 2 MB where max_request_size is 20 MiB", sent(sender, value=b"x" * 2_000_000, partition=5))
    futures = [sender.send(TOPIC, b"msg %d" % i, partition=5) for i in range(1000)]
    sender.flush()
    saw("a thousand messages with gzip", [it.get(30).offset - futures[0].get(30).offset for it in futures] == list(range(1000)))

with producer(value_serializer=lambda it: json.dumps(it).encode(), key_serializer=str.encode) as sender:
    sender.send(TOPIC, {"foo": "bar"}, key="ping", partition=4).get(30)
    saw("a serializer that fails", fails(lambda: sender.send(TOPIC, {"foo": "bar"}, key=42, partition=0)))
with consumer(TOPIC) as reader:
    records = []
    while not any(it.partition == 4 and it.key == b"ping" for it in records):
        records.extend(it for batch in reader.poll(500).values() for it in batch)
    saw("serializers make bytes", [[it.key.decode(), it.value.decode().replace(" ", "")] for it in records if it.key == b"ping" and it.partition == 4])

with producer(acks=0) as sender:
    saw("acks=0 tells no offset", sender.send(TOPIC, b"it", partition=5).get(30).offset)
with producer(acks=1) as sender:
    saw("acks=1 tells the offset", sender.send(TOPIC, b"it", partition=6).get(30).offset >= 0)
with producer(allow_auto_create_topics=False, max_block_ms=500) as sender:
    saw("a topic that there is not, after max_block_ms", fails(lambda: sender.send(name("none"), b"it")))

saw("an unknown key", fails(lambda: producer(no_such_key=1)))
saw("compression that there is not", fails(lambda: producer(compression_type="brotli")))
saw("acks that there are not", fails(lambda: producer(acks=2)))
saw("enable_idempotence=True and acks=1", fails(lambda: producer(enable_idempotence=True, acks=1)))
saw("enable_idempotence=True and retries=0", fails(lambda: producer(enable_idempotence=True, retries=0)))
saw("enable_idempotence=True and six in flight", fails(lambda: producer(enable_idempotence=True, max_in_flight_requests_per_connection=6)))
saw("transactional_id and enable_idempotence=False", fails(lambda: producer(transactional_id="id", enable_idempotence=False)))
saw("a delivery timeout shorter than a request's", fails(lambda: producer(delivery_timeout_ms=1000)))
with producer(acks=1) as sender:
    saw("acks=1 alone switches idempotence off", sender.config["enable_idempotence"])

with producer(transactional_id=name("id")) as sender:
    saw("begin_transaction before init_transactions", fails(sender.begin_transaction))
    sender.init_transactions()
    saw("init_transactions twice", fails(sender.init_transactions))
    saw("send outside of a transaction", fails(lambda: sender.send(TOPIC, b"it", partition=0)))
    saw("commit_transaction outside of a transaction", fails(sender.commit_transaction))

    def transactions():
        sender.begin_transaction()
        sender.send(TOPIC, b"it", partition=0)
        sender.commit_transaction()
        sender.begin_transaction()
        sender.abort_transaction()
        sender.begin_transaction()
        sender.send_offsets_to_transaction({}, name("group"))
        sender.commit_transaction()

    saw("commit_transaction, abort_transaction and send_offsets_to_transaction with a group's id", fails(transactions))

    def fenced():
        sender.begin_transaction()
        sender.send(TOPIC, b"it", partition=0).get(30)
        with producer(transactional_id=name("id")) as successor:
            successor.init_transactions()
        sender.commit_transaction()

    saw("commit_transaction of who was fenced off", fails(fenced))
