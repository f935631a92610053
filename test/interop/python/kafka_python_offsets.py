"""Positions: seeking, beginnings, ends, timestamps, commits with metadata, pausing."""

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import OffsetOutOfRangeError
from kafka_python_scenario import Member, admin, consumer, create_topic, producer, read_by, read_until, refused
from scenario import name, saw, until

TOPIC, GROUP = name("offsets"), name("group")
START_MS = 1_700_000_000_000
PARTS = [TopicPartition(TOPIC, partition) for partition in range(3)]

create_topic(TOPIC, 3, retention_ms="-1")
with producer() as sender:
    for i in range(20):
        for partition in [0, 1]:
            sender.send(TOPIC, f"record {i}".encode(), partition=partition, timestamp_ms=START_MS + 1000 * i)
    sender.flush(30)
admin().delete_records({PARTS[1]: 5})


def by_partition(found):
    return sorted([it.partition, value] for it, value in found.items())


reader = consumer(group_id=GROUP, enable_auto_commit=False)
saw("beginnings", by_partition(reader.beginning_offsets(PARTS)))
saw("ends", by_partition(reader.end_offsets(PARTS)))


def offsets_at(timestamp):
    found = reader.offsets_for_times({it: timestamp for it in PARTS})
    return sorted([it.partition, value and [value.offset, value.timestamp]] for it, value in found.items())


saw("at the beginning of time", offsets_at(0))
saw("at a record", offsets_at(START_MS + 7000))
saw("between two records", offsets_at(START_MS + 7001))
saw("after all records", offsets_at(START_MS + 20_000))

reader.assign(PARTS[:2])
saw("positions at first", [reader.position(it) for it in PARTS[:2]])
read = read_until(reader, 35)
expected = [[0, i] for i in range(20)] + [[1, i] for i in range(5, 20)]
saw("all", sorted([partition, offset] for _, partition, offset, _ in read) == expected)
saw("high watermarks", [reader.highwater(it) for it in PARTS[:2]])

reader.seek(PARTS[0], 17)
saw("after a seek", [offset for _, _, offset, _ in read_until(reader, 3)])
reader.seek_to_beginning(PARTS[1])
saw("from the beginning", [offset for _, _, offset, _ in read_until(reader, 15)])
reader.seek_to_end(*PARTS[:2])
saw("at the end", [reader.position(it) for it in PARTS[:2]])

reader.seek(PARTS[0], 10)
reader.seek(PARTS[1], 10)
reader.pause(PARTS[0])
saw("paused", sorted(it.partition for it in reader.paused()))
saw("read while one is paused", sorted({partition for _, partition, _, _ in read_until(reader, 10)}))
saw("position of what is paused", reader.position(PARTS[0]))
reader.resume(PARTS[0])
saw("resumed", [[partition, offset] for _, partition, offset, _ in read_until(reader, 10)])

reader.seek(PARTS[1], 2)
saw("before the beginning: reset", [offset for _, _, offset, _ in read_until(reader, 15)][0])
saw("committed before", reader.committed(PARTS[0]))
reader.commit({PARTS[0]: OffsetAndMetadata(3, "some metadata", -1), PARTS[1]: OffsetAndMetadata(7, "", -1)})
saw("committed", [reader.committed(it) for it in PARTS])
saw("metadata", [reader.committed(it, metadata=True).metadata for it in PARTS[:2]])
too_long = {PARTS[0]: OffsetAndMetadata(4, "x" * 5000, -1)}
saw("too much metadata", refused(lambda: reader.commit(too_long)))
reader.close()

member = Member(GROUP, [TOPIC], enable_auto_commit=False)
read = member.until_read(30)
saw("a member goes on there", [min(offset for _, partition, offset, _ in read if partition == wanted) for wanted in [0, 1]])
member.stop()
member.consumer.commit()
saw("committed by the member", [member.consumer.committed(it) for it in PARTS])
member.consumer.close()

strict = consumer(auto_offset_reset="none")
strict.assign(PARTS[1:2])
strict.seek(PARTS[1], 100)


def is_out_of_range():
    try:
        read_by(strict)
    except OffsetOutOfRangeError as error:
        return by_partition(error.args[0])
    return None


saw("out of range", until("the error", is_out_of_range))
strict.close()
