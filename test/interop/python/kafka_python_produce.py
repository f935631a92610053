"""Producing in every codec and with every kind of acknowledgement, and reading all of it back."""

from kafka_python_scenario import consumer, create_topic, producer, refused
from scenario import name, saw, until

TOPIC = name("records")
CODECS = [None, "gzip", "snappy", "lz4", "zstd"]
EACH = 200

create_topic(TOPIC, 4)
expected = {}
for codec in CODECS:
    for acks in [0, 1, "all"]:
        # Several batches for each, of which the producer has up to five in flight.
        with producer(compression_type=codec, acks=acks, batch_size=2000, enable_idempotence=acks == "all") as sender:
            word = f"{codec} {acks}"
            sent = []
            for i in range(EACH):
                value = f"{word} {i} ".encode() * 10
                headers = [("codec", str(codec).encode()), ("codec", b"again"), ("empty", b"")]
                sent.append(sender.send(TOPIC, value, key=f"key {i % 7}".encode(), partition=3, headers=headers))
                expected[value] = headers
            sender.flush(30)
            if acks == 0:
                saw(f"{word} is on its way", all(it.succeeded() for it in sent))
            else:
                offsets = [it.get(30).offset for it in sent]
                saw(f"offsets of {word} rise", offsets == sorted(offsets) and len(set(offsets)) == EACH)

with producer() as sender:
    def metadata(**record):
        it = sender.send(TOPIC, partition=0, **record).get(30)
        return [it.partition, it.offset, it.serialized_key_size, it.serialized_value_size]

    saw("metadata", [
        metadata(key=b"key", value=b"value"),
        metadata(key=b"tombstone", value=None),
        metadata(key=None, value=b""),
        metadata(key=b"", value=b"empty key"),
    ])
    saw("timestamp", sender.send(TOPIC, b"dated", partition=0, timestamp_ms=1_700_000_000_123).get(30).timestamp)
    by_key = {f"key {i}": sender.send(TOPIC, b"by key", key=f"key {i}".encode()).get(30).partition for i in range(12)}
    saw("partitions by key", by_key)
    saw("partitions", sorted(sender.partitions_for(TOPIC)))

with producer(max_request_size=10_000_000) as sender:
    saw("too large", refused(lambda: sender.send(TOPIC, b"x" * 2_000_000, partition=0).get(30)))



def text(data):
    return None if data is None else data.decode()


total = len(CODECS) * 3 * EACH + 5 + 12
with consumer(TOPIC) as reader:
    records = []

    def read():
        records.extend(it for batch in reader.poll(timeout_ms=200).values() for it in batch)

    until("all are read", lambda: len(records) >= total, read)
    read()
saw("records", len(records))
main = sorted((it for it in records if it.value in expected), key=lambda it: it.offset)
saw("each is there once", len(main) == len(expected) == len({it.value for it in main}))
saw("headers are as sent", all(it.headers == expected[it.value] for it in main))
saw("offsets have no gap", [it.offset for it in main] == list(range(main[0].offset, main[0].offset + len(main))))
ours = sorted((it for it in records if it.partition == 0 and it.value != b"by key"), key=lambda it: it.offset)
saw("the others", [[it.offset, text(it.key), text(it.value), it.timestamp_type] for it in ours])
saw("dated", [it.timestamp for it in ours if it.value == b"dated"])
