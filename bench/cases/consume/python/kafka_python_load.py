"""
kafka-python with `poll`, which is faster than its iterator, and with its fast CRC and codecs from C. Partitions are assigned, without a
group. It checks the CRC of every batch, as it does by default.
"""

from kafka import KafkaConsumer, TopicPartition
from reading import main

MOST_RECORDS = 5_000


def read(plan, reading):
    consumer = KafkaConsumer(
        client_id="bench",
        bootstrap_servers=plan["bootstrap"],
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_poll_records=MOST_RECORDS,
    )
    consumer.assign([TopicPartition(plan["topic"], partition) for partition in range(int(plan["partitions"]))])
    take = reading.take
    while not reading.is_over:
        for partition, records in consumer.poll(timeout_ms=1_000).items():
            index = partition.partition
            for record in records:
                take(index, record.offset, record.value)
            reading.look()
            if reading.is_over:
                break
    consumer.close()


main(read)
