"""What the scenarios of kafka-python have in common."""

import logging
import threading
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaError
from scenario import BOOTSTRAP, until

logging.basicConfig(level=logging.WARNING)

_admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)


def admin():
    return _admin


def producer(**settings):
    return KafkaProducer(bootstrap_servers=BOOTSTRAP, **settings)


def consumer(*topics, **settings):
    defaults = {"auto_offset_reset": "earliest", "retry_backoff_ms": 50, "fetch_max_wait_ms": 100}
    return KafkaConsumer(*topics, bootstrap_servers=BOOTSTRAP, **(defaults | settings))


def create_topic(topic, partitions, **configs):
    settings = {key.replace("_", "."): value for key, value in configs.items()}
    admin().create_topics([NewTopic(topic, partitions, 1, topic_configs=settings)])
    until_led(topic, partitions)


def until_led(topic, partitions):
    """The broker leads a partition a moment after it says that it is there."""
    with consumer() as reader:
        reader.end_offsets([TopicPartition(topic, partition) for partition in range(partitions)])


def produce(topic, partition, values, **settings):
    """Sends, and waits until all of it has arrived."""
    with producer(**settings) as sender:
        sent = [sender.send(topic, value.encode(), partition=partition) for value in values]
        return [it.get(30).offset for it in sent]


def refused(action):
    """The name of the error that the action is refused with."""
    try:
        action()
    except KafkaError as error:
        return type(error).__name__
    return None


def read_by(member, timeout_ms=1000):
    """What one poll returns, as [topic, partition, offset, value]."""
    records = [it for batch in member.poll(timeout_ms=timeout_ms).values() for it in batch]
    return [[it.topic, it.partition, it.offset, it.value.decode()] for it in records]


def read_until(member, count):
    """Reads so many records, and looks whether there are more."""
    read = []
    until(f"{count} records are read", lambda: len(read) >= count, lambda: read.extend(read_by(member)))
    read.extend(read_by(member, 200))
    return read


# Longer than any scenario: a member's polls end only when they have records. If one of kafka-python 3.0.12 ends just before the
# answer to SyncGroup, the next one does not take up what was assigned, and the member waits for ever.
FOR_EVER_MS = 600_000


class Member:
    """A member of a group, which polls in a thread of its own as members must, and keeps what it reads."""

    def __init__(self, group, topics=(), pattern=None, listener=None, **settings):
        defaults = {"session_timeout_ms": 10000, "heartbeat_interval_ms": 250, "metadata_max_age_ms": 1000}
        self.consumer = consumer(group_id=group, **(defaults | settings))
        self.consumer.subscribe(topics, pattern=pattern, listener=listener)
        self.read = []
        self._is_closing = threading.Event()
        self._failure = None
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()

    def _poll(self):
        try:
            while not self._is_closing.is_set():
                self.read.extend(read_by(self.consumer, FOR_EVER_MS))
        except Exception as error:
            self._failure = error

    def owned(self):
        if self._failure is not None:
            raise self._failure
        return sorted([it.topic, it.partition] for it in self.consumer.assignment())

    def until_owned(self, *wanted):
        until(f"{wanted} are owned", lambda: self.owned() == sorted(wanted))
        return self.owned()

    def until_read(self, count):
        return until_read([self], count)

    def stop(self):
        """No more polls: the caller's thread may use the consumer. A record for it, its last one, ends the poll that it is in."""
        topic, partition = until("it owns something", self.owned)[0]
        self._is_closing.set()
        produce(topic, partition, ["the last one"])
        self._thread.join()

    def close(self):
        self.stop()
        self.consumer.close()


def until_read(members, count):
    """Waits for so many records, and whether there are more."""
    until(f"{count} records are read", lambda: sum(len(it.read) for it in members) >= count)
    time.sleep(0.3)
    return sorted(record for it in members for record in it.read)
