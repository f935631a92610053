"""Follows a plan with confluent-kafka's producers: TOPIC."""

import sys

from confluent_kafka import KafkaException
from confluent_scenario import producer
from planned import follow
from scenario import PATIENCE_S

topic = sys.argv[2]


def open_producer(step):
    settings = {"compression_codec": step["codec"], "batch_size": step["batchBytes"], "linger_ms": 5, "enable_idempotence": True}
    if step["transactionalId"] is None:
        return producer(**settings)
    it = producer(transactional_id=step["transactionalId"], **settings)
    it.init_transactions()
    return it


def send(it, records):
    told = [None] * len(records)

    def note(i):
        def noted(error, message):
            if error is not None:
                raise KafkaException(error)
            told[i] = [message.offset(), message.timestamp()[1]]

        return noted

    for i, record in enumerate(records):
        # Zero is librdkafka's word for "now".
        time = {} if record["timestamp"] is None else {"timestamp": record["timestamp"]}
        it.produce(topic, record["value"], record["key"], record["partition"], headers=record["headers"], on_delivery=note(i), **time)
    left = it.flush(PATIENCE_S)
    if left > 0:
        raise TimeoutError(f"{left} records are not delivered")
    return told


follow(open_producer, send)
