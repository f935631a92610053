"""
confluent-kafka: librdkafka under Python. `consume` brings lists of messages and is faster than `poll`, which is for the latency. Partitions
are assigned; librdkafka wants a group's name nevertheless. It checks no CRC by default.
"""

from confluent_kafka import Consumer, TopicPartition
from reading import main

MOST_RECORDS = 10_000
MOST_BYTES = 4_000_000
# How long `consume` waits for so many, and `poll` for one.
PATIENCE = 0.05
LONG = 1.0


def read(plan, reading):
    consumer = Consumer(
        {
            "client.id": "bench",
            "group.id": "bench",
            "bootstrap.servers": plan["bootstrap"],
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.assign([TopicPartition(plan["topic"], partition, 0) for partition in range(int(plan["partitions"]))])
    if plan["style"] == "latency":
        one_by_one(consumer, reading)
    else:
        many(consumer, reading, min(MOST_RECORDS, MOST_BYTES // int(plan["valueBytes"])))
    consumer.close()


def many(consumer, reading, most):
    take = reading.take
    while not reading.is_over:
        messages = consumer.consume(most, PATIENCE)
        for message in messages:
            fail_on_error(message)
            take(message.partition(), message.offset(), message.value())
        if messages:
            reading.look()


def one_by_one(consumer, reading):
    while not reading.is_over:
        message = consumer.poll(LONG)
        if message is not None:
            fail_on_error(message)
            reading.take_one(message.partition(), message.offset(), message.value())


def fail_on_error(message):
    if message.error() is not None:
        raise RuntimeError(message.error())


main(read)
