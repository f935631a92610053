"""Reads a topic to its end, and prints each record as a line of JSON: TOPIC PARTITIONS ISOLATION."""

import json
import sys

from kafka import TopicPartition
from kafka_python_scenario import consumer
from scenario import until

topic, partitions, isolation = sys.argv[2], int(sys.argv[3]), sys.argv[4]


def text(data):
    return None if data is None else data.decode()


with consumer(isolation_level=isolation, enable_auto_commit=False) as reader:
    wanted = [TopicPartition(topic, partition) for partition in range(partitions)]
    ends = reader.end_offsets(wanted)
    reader.assign(wanted)
    reader.seek_to_beginning(*wanted)

    def read():
        for batch in reader.poll(timeout_ms=500).values():
            for it in batch:
                print(json.dumps({
                    "partition": it.partition,
                    "offset": it.offset,
                    "timestamp": it.timestamp,
                    "key": text(it.key),
                    "value": text(it.value),
                    "headers": [[name, text(value)] for name, value in it.headers],
                }))

    until("all is read", lambda: all(reader.position(it) >= ends[it] for it in wanted), read)
