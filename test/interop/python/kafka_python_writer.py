"""Follows a plan with kafka-python's producers: TOPIC."""

import sys

from kafka_python_scenario import producer
from planned import follow

topic = sys.argv[2]


def open_producer(step):
    codec, transactional_id = step["codec"], step["transactionalId"]
    it = producer(
        compression_type=None if codec == "none" else codec,
        batch_size=step["batchBytes"],
        linger_ms=5,
        acks="all",
        enable_idempotence=True,
        transactional_id=transactional_id,
    )
    if transactional_id is not None:
        it.init_transactions()
    return it


def send(it, records):
    sent = [
        it.send(topic, record["value"], key=record["key"], headers=record["headers"], partition=record["partition"],
                timestamp_ms=record["timestamp"])
        for record in records
    ]
    it.flush(30)
    return [[metadata.offset, metadata.timestamp] for metadata in [future.get(30) for future in sent]]


follow(open_producer, send)
