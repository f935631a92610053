"""Reads a topic to its end, and prints each record as a line of JSON: TOPIC PARTITIONS ISOLATION."""

import json
import sys

from confluent_kafka import OFFSET_BEGINNING, KafkaError, TopicPartition
from confluent_scenario import consumer
from scenario import until

topic, partitions, isolation = sys.argv[2], int(sys.argv[3]), sys.argv[4]


def text(data):
    return None if data is None else data.decode()


reader = consumer(group_id="reader", enable_auto_commit=False, isolation_level=isolation, check_crcs=True)
reader.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in range(partitions)])
ended = set()


def read():
    for it in reader.consume(500, 0.1):
        if it.error() is not None:
            if it.error().code() != KafkaError._PARTITION_EOF:
                raise RuntimeError(it.error())
            ended.add(it.partition())
            continue
        print(json.dumps({
            "partition": it.partition(),
            "offset": it.offset(),
            "timestamp": it.timestamp()[1],
            "key": text(it.key()),
            "value": text(it.value()),
            "headers": [[name, text(value)] for name, value in it.headers() or []],
        }))


until("all is read", lambda: len(ended) == partitions, read)
reader.close()
