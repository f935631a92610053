"""
kafka-python, with its fast CRC and codecs from C. Idempotent, as it is by default. It bounds no memory by itself, so in bulk the
application waits for the oldest records when as many as librdkafka's queue holds are on their way.
"""

import time
from collections import deque

from kafka import KafkaProducer
from measure import main

CHUNK = 1_000
MOST_CHUNKS = 100
BATCH_SIZE = 1_000_000


class Client:
    def __init__(self, plan):
        self.topic = plan["topic"]
        self.producer = KafkaProducer(
            client_id="bench",
            bootstrap_servers=plan["bootstrap"],
            acks="all",
            compression_type=None if plan["codec"] == "none" else plan["codec"],
            linger_ms=5 if plan["style"] == "bulk" else 0,
            batch_size=BATCH_SIZE,
        )
        self.problem = None

    def send_one(self, value):
        self.producer.send(self.topic, value).get(timeout=60)

    def bulk(self, values, is_over):
        send, topic, count = self.producer.send, self.topic, len(values)
        records = 0
        chunks = deque()
        while not is_over():
            for _ in range(CHUNK):
                future = send(topic, values[records % count])
                records += 1
            chunks.append(future)
            if len(chunks) > MOST_CHUNKS:
                chunks.popleft().get()
        self.producer.flush()
        return records

    def send(self, value, on_delivery):
        future = self.producer.send(self.topic, value)
        future.add_callback(lambda _metadata: on_delivery())
        future.add_errback(self.failed)

    def failed(self, error):
        self.problem = error

    def wait(self):
        if self.problem is not None:
            raise self.problem
        # Callbacks come on the client's own thread.
        time.sleep(0.0002)

    def wait_until(self, due):
        left = due - time.perf_counter()
        if left > 0:
            time.sleep(left)

    def close(self):
        self.producer.close()


main(Client)
