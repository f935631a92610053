"""What the scenarios of confluent-kafka have in common."""

from concurrent.futures import wait

from confluent_kafka import Consumer, IsolationLevel, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec
from scenario import BOOTSTRAP, PATIENCE_S, until

LEVELS = {"read_committed": IsolationLevel.READ_COMMITTED, "read_uncommitted": IsolationLevel.READ_UNCOMMITTED}


# One for the whole program: what is asked of a client that nobody holds any more is never answered.
_admin = AdminClient({"bootstrap.servers": BOOTSTRAP})


def admin():
    return _admin


def producer(**settings):
    return Producer({"bootstrap.servers": BOOTSTRAP, "linger.ms": 0, **dotted(settings)})


def consumer(**settings):
    return Consumer({
        "bootstrap.servers": BOOTSTRAP,
        "auto.offset.reset": "earliest",
        "enable.partition.eof": True,
        "topic.metadata.refresh.fast.interval.ms": 50,
        **dotted(settings),
    })


def dotted(settings):
    return {name.replace("_", "."): value for name, value in settings.items()}


def create_topic(topic, partitions, **configs):
    outcome(admin().create_topics([NewTopic(topic, partitions, 1, config=dotted(configs))])[topic])
    until_led(topic, partitions)


def until_led(topic, partitions):
    """The broker leads a partition a moment after it says that it is there."""
    wanted = {TopicPartition(topic, partition): OffsetSpec.latest() for partition in range(partitions)}

    def is_led():
        # Has the client forget what it knows of the topic.
        admin().list_topics(topic, PATIENCE_S)
        return all(failure(future) is None for future in admin().list_offsets(wanted).values())

    until(f"{partitions} partitions of {topic} are led", is_led)


def outcome(future):
    """The future's result; the failure of one that failed is raised."""
    return future.result(PATIENCE_S)


def failure(future):
    """The name of the error that a future failed with, or None."""
    wait([future], PATIENCE_S)
    error = future.exception()
    if error is None:
        return None
    return error_name(error)


def error_name(error):
    if not isinstance(error, KafkaException):
        raise error
    return error.args[0].name()


def refused(action):
    """The name of the error that the action is refused with."""
    try:
        action()
    except KafkaException as error:
        return error_name(error)
    return None


def produce(sender, topic, partition, values):
    """Sends, and waits until all of it has arrived."""
    failed = []
    for value in values:
        sender.produce(topic, value, partition=partition, on_delivery=lambda error, _: error and failed.append(error))
    if sender.flush(PATIENCE_S) > 0 or failed:
        raise RuntimeError(f"not delivered: {failed}")


def read_all(topic, partitions, level):
    """All records of a topic that a reader of the isolation level sees, as [offset, value] for each partition."""
    reader = consumer(group_id="reader", enable_auto_commit=False, isolation_level=level)
    reader.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
    seen = [[] for _ in range(partitions)]
    ended = set()

    def read():
        for message in reader.consume(500, 0.2):
            if message.error():
                ended.add(message.partition())
            else:
                seen[message.partition()].append([message.offset(), message.value().decode()])

    until("the ends of all partitions", lambda: len(ended) == partitions, read)
    reader.close()
    return seen


def latest(topic, partitions, level):
    """The end of each partition for the isolation level."""
    wanted = {TopicPartition(topic, partition): OffsetSpec.latest() for partition in range(partitions)}
    futures = admin().list_offsets(wanted, isolation_level=LEVELS[level])
    return [outcome(futures[it]).offset for it in wanted]


class Member:
    """A member of a group, which notes what it is given and what it reads."""

    def __init__(self, topics, **settings):
        self.events = []
        self.owned = set()
        self.read = []
        self._consumer = consumer(**settings)
        self._consumer.subscribe(topics, on_assign=self._assigned, on_revoke=self._revoked)

    def _assigned(self, _, partitions):
        self.events.append(["assigned", sorted(it.partition for it in partitions)])
        self.owned |= {(it.topic, it.partition) for it in partitions}

    def _revoked(self, _, partitions):
        self.events.append(["revoked", sorted(it.partition for it in partitions)])
        self.owned -= {(it.topic, it.partition) for it in partitions}

    def poll(self):
        for message in self._consumer.consume(500, 0.05):
            if not message.error():
                self.read.append([message.topic(), message.partition(), message.offset(), message.value().decode()])

    def id(self):
        return self._consumer.memberid()

    def close(self):
        self._consumer.close()


def poll_all(members):
    for member in members:
        member.poll()


def until_shared(members, count):
    """Polls until all members own something and together own so many partitions, each once."""

    def is_shared():
        owned = [it for member in members for it in member.owned]
        return all(member.owned for member in members) and len(owned) == count == len(set(owned))

    until(f"{len(members)} members share {count} partitions", is_shared, lambda: poll_all(members))


def until_read(members, count):
    """Polls until so many records were read, and some more, so that one read twice would be seen."""
    until(f"{count} records are read", lambda: sum(len(member.read) for member in members) >= count, lambda: poll_all(members))
    for _ in range(5):
        poll_all(members)


def shares(members):
    return sorted(sorted(partition for _, partition in member.owned) for member in members)
