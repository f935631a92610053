"""
confluent-kafka: librdkafka under Python. In bulk it gives lists of records to `produce_batch`, without delivery reports: `flush` tells
that all is done, the end offsets that all is there. Not idempotent, as librdkafka is by default: faster so.
"""

import time

from confluent_kafka import Producer
from measure import main

CHUNK = 1_000
FOR_A_WHILE = 0.1


class Client:
    def __init__(self, plan):
        self.topic = plan["topic"]
        self.producer = Producer(
            {
                "client.id": "bench",
                "bootstrap.servers": plan["bootstrap"],
                "acks": "all",
                "compression.type": plan["codec"],
                "linger.ms": 0 if plan["style"] == "latency" else 5,
                "queue.buffering.max.messages": 500_000,
            }
        )

    def send_one(self, value):
        self.producer.produce(self.topic, value)
        self.producer.flush()

    def bulk(self, values, is_over):
        records = 0
        messages = [{"value": value} for value in values]
        chunks = [messages[first : first + CHUNK] for first in range(0, len(messages), CHUNK)]
        while not is_over():
            for chunk in chunks:
                self.give(chunk)
                records += len(chunk)
                if is_over():
                    break
        self.producer.flush()
        return records

    def give(self, chunk):
        while self.producer.produce_batch(self.topic, chunk) < len(chunk):
            # The queue was full for some of them, which are marked.
            self.producer.poll(0.001)
            chunk = [message for message in chunk if message.pop("_error", None) is not None]

    def send(self, value, on_delivery):
        def report(error, _message):
            if error is not None:
                raise RuntimeError(error)
            on_delivery()

        self.producer.produce(self.topic, value, on_delivery=report)

    def wait(self):
        self.producer.poll(FOR_A_WHILE)

    def wait_until(self, due):
        # Polled for as long as there is time: callbacks come from here only.
        while (left := due - time.perf_counter()) > 0:
            self.producer.poll(left)

    def close(self):
        self.producer.close()


main(Client)
