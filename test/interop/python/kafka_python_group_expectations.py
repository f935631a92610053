"""What users of kafka-python's consumer are used to in groups, observed: see test/contract/group-expectations.ts for ours."""

import time

from kafka import ConsumerRebalanceListener, TopicPartition
from kafka.admin import MemberToRemove
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka_python_scenario import Member, admin, consumer, create_topic, producer
from scenario import name, saw, until

# Session and heartbeat, so that rebalances are quick; all else as it is.
QUICK = {"heartbeat_interval_ms": 100, "session_timeout_ms": 10_000}
_numbers = iter(range(1000))


def group():
    return name(f"group-{next(_numbers)}")


def topic(partitions=2, each=3):
    """A new topic with so many records in each partition."""
    made = name(f"topic-{next(_numbers)}")
    create_topic(made, partitions)
    write(made, partitions, each)
    return made


def write(made, partitions=2, each=1):
    with producer() as sender:
        for partition in range(partitions):
            for i in range(each):
                sender.send(made, b"%d" % i, partition=partition)
        sender.flush(30)


def fails(action):
    """The name of the error that an action ends with; None if it does not."""
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return None


def numbers(partitions):
    return sorted(it.partition for it in partitions)


class Listener(ConsumerRebalanceListener):
    """Notes what it is told, and what `look` sees meanwhile."""

    def __init__(self, look=None):
        self.calls = []
        self.look = look

    def note(self, what, partitions):
        call = [what, numbers(partitions)]
        if self.look is not None:
            call.append(self.look(what, partitions))
        self.calls.append(call)

    def on_partitions_assigned(self, assigned):
        self.note("assigned", assigned)

    def on_partitions_revoked(self, revoked):
        self.note("revoked", revoked)


class WithLost(Listener):
    def on_partitions_lost(self, lost):
        self.note("lost", lost)


def polled(reader, max_records=None):
    return [it for batch in reader.poll(timeout_ms=10_000, max_records=max_records).values() for it in batch]


def joined(made, listener=None, read=1, **settings):
    """A consumer that polls in this thread, when it is a member and has so many records."""
    reader = consumer(**(QUICK | {"group_id": group()} | settings))
    reader.subscribe([made], listener=listener)
    count = 0
    while count < read:
        count += len(polled(reader, read - count))
    return reader


def committed(reader, made, partition=0):
    """As somebody else is told."""
    witness = consumer(group_id=reader.config["group_id"])
    try:
        return witness.committed(TopicPartition(made, partition))
    finally:
        witness.close(autocommit=False)


def all_committed(reader, made):
    return sum(committed(reader, made, partition) or 0 for partition in range(2))


# Options.
NAMED = {"group_id": "group"}
for what, settings in {
    "group_id=''": {"group_id": ""},
    "session_timeout_ms=0": {**NAMED, "session_timeout_ms": 0},
    "max_poll_interval_ms=0": {**NAMED, "max_poll_interval_ms": 0},
    "auto_commit_interval_ms=-1": {**NAMED, "auto_commit_interval_ms": -1},
    "heartbeat_interval_ms=0": {**NAMED, "heartbeat_interval_ms": 0},
    "enable_auto_commit='yes'": {**NAMED, "enable_auto_commit": "yes"},
    "group_instance_id=''": {**NAMED, "group_instance_id": ""},
    "group_instance_id='a b'": {**NAMED, "group_instance_id": "a b"},
    "group_instance_id of 250 characters": {**NAMED, "group_instance_id": "x" * 250},
    "no partition_assignment_strategy": {**NAMED, "partition_assignment_strategy": []},
    "a partition_assignment_strategy that there is not": {**NAMED, "partition_assignment_strategy": ["fair"]},
    "eager and cooperative strategies together": {
        **NAMED,
        "partition_assignment_strategy": [CooperativeStickyAssignor, RangePartitionAssignor],
    },
    "default_offset_commit_callback that is none": {**NAMED, "default_offset_commit_callback": 42},
}.items():
    saw(what, fails(lambda: consumer(**settings).close(autocommit=False)))

# Subscribing.
T = topic()
saw("topics and a pattern at once", fails(lambda: consumer(group_id=group()).subscribe([T], pattern="^x")))
saw("subscribe to nothing", fails(lambda: consumer(group_id=group()).subscribe([])))
reader = consumer(group_id=group())
reader.subscribe(pattern="^x")
saw("topics after a pattern", fails(lambda: reader.subscribe([T])))
reader.unsubscribe()
saw("topics after a pattern and unsubscribe", fails(lambda: reader.subscribe([T])))
reader.subscription().add("another")
saw("subscription() is a copy", [it == T for it in reader.subscription()])
saw("assignment before the group has come together", numbers(reader.assignment()))
saw("position before the group has come together", fails(lambda: reader.position(TopicPartition(T, 0))))
saw("seek before the group has come together", fails(lambda: reader.seek(TopicPartition(T, 0), 0)))
reader = joined(T, read=6)
saw("assignment of a member", numbers(reader.assignment()))
saw("group_metadata of a member", [reader.group_metadata().member_id != "", reader.group_metadata().generation_id > 0])
reader.subscribe([T])
saw("subscribe to the same topics", numbers(reader.assignment()))
reader.close()
other = topic()
reader = joined(T, read=6)
reader.subscribe([other])
read = []
until("the other topic", lambda: len(read) >= 6, lambda: read.extend(polled(reader)))
saw("subscribe to other topics of a group", [sorted({it.topic == other for it in read}), all_committed(reader, T)])
reader.close()

# Listeners.
listener = Listener()
reader = joined(T, listener)
saw("the listener of the first join", listener.calls)
del listener.calls[:]
reader.subscribe([T])
reader.close()
saw("a listener is replaced, also by none", listener.calls)
listener = Listener(lambda what, _: numbers(reader.assignment()))
reader = consumer(**QUICK, group_id=group())
reader.subscribe([T], listener=listener)
polled(reader)
del listener.calls[:-1]
reader.close()
saw("assignment() in the listener", listener.calls)


def seek(what, partitions):
    if what == "assigned":
        for it in partitions:
            reader.seek(it, 2)


reader = consumer(**QUICK, group_id=group())
reader.subscribe([T], listener=Listener(seek))
read = []
while len(read) < 2:
    read.extend(polled(reader))
saw("seek in on_partitions_assigned", sorted([it.partition, it.offset] for it in read))
reader.close()


def throws(word):
    def look(what, partitions):
        # Who joins is told that nothing is revoked.
        if what == word and partitions:
            raise ValueError(word)

    return look


reader = consumer(**QUICK, group_id=group())
reader.subscribe([T], listener=Listener(throws("assigned")))
failed = fails(lambda: polled(reader))
saw("on_partitions_assigned that throws", [failed, numbers(reader.assignment())])
fails(reader.close)
reader = joined(T, Listener(throws("revoked")))
saw("on_partitions_revoked that throws, in close", fails(reader.close))

# Rebalances with another member.
FOR_EVER = {**QUICK, "metadata_max_age_ms": 300_000}


def rebalanced(strategy, look=None, each=3, **settings):
    """What a member's listener is told when another one comes, then goes; and both."""
    made = topic(2, each)
    listener = WithLost(look and (lambda what, partitions: look(first, made)))
    common = {**FOR_EVER, "partition_assignment_strategy": [strategy], **settings}
    first = Member(group(), [made], listener=listener, **common)
    first.until_read(2 * each)
    del listener.calls[:]
    second = Member(first.consumer.config["group_id"], [made], **common)
    until("both share", lambda: len(first.owned()) == 1 and len(second.owned()) == 1)
    if strategy is CooperativeStickyAssignor:
        # The second rebalance is over when the newcomer has its partition; the callbacks are called before.
        time.sleep(0.3)
    told = list(listener.calls)
    second.close()
    until("the first has all again", lambda: len(first.owned()) == 2)
    return first, made, listener, told


first, made, listener, told = rebalanced(RangePartitionAssignor)
saw("the listener, when another one comes (eager)", told)
saw("the listener, when the other one has gone (eager)", listener.calls[len(told):])
first.close()
first, made, listener, told = rebalanced(CooperativeStickyAssignor)
saw("the listener, when another one comes (cooperative)", [[what, len(which)] for what, which in told])
saw("the listener, when the other one has gone (cooperative)", [[what, len(which)] for what, which in listener.calls[len(told):]])
first.close()
first, made, listener, told = rebalanced(RangePartitionAssignor, lambda first, made: all_committed(first.consumer, made))
saw("what is handed out is committed before on_partitions_revoked", told[0])
first.close()
first, made, listener, told = rebalanced(RangePartitionAssignor, lambda first, made: all_committed(first.consumer, made), enable_auto_commit=False)
saw("enable_auto_commit=False commits nothing in a rebalance", told[0])
first.close()

# Leaving.
listener = Listener()
reader = joined(T, listener, read=6)
del listener.calls[:]
reader.unsubscribe()
saw("the listener, when a member is unsubscribed", listener.calls)
saw("assignment and subscription after unsubscribe", [numbers(reader.assignment()), sorted(reader.subscription() or [])])
time.sleep(0.5)
saw("unsubscribe commits nothing of what the last poll handed out", all_committed(reader, T))
saw("poll after unsubscribe", len(reader.poll(100)))
reader.close()
reader = joined(T, read=6, enable_auto_commit=False)
reader.unsubscribe()
time.sleep(0.2)
saw("unsubscribe with enable_auto_commit=False", all_committed(reader, T))
reader.close()
for what, settings, options in [
    ("close of a member", {}, {}),
    ("close(autocommit=False) of a member", {}, {"autocommit": False}),
    ("close of a member with enable_auto_commit=False", {"enable_auto_commit": False}, {}),
    ("close(autocommit=True) of a member with enable_auto_commit=False", {"enable_auto_commit": False}, {"autocommit": True}),
]:
    listener = Listener(lambda what, _: all_committed(reader, T))
    reader = consumer(**QUICK, **settings, group_id=group())
    reader.subscribe([T], listener=listener)
    read = []
    while len(read) < 6:
        read.extend(polled(reader))
    del listener.calls[:]
    failed = fails(lambda: reader.close(**options))
    saw(what, [failed, listener.calls])
P0 = TopicPartition(T, 0)
saw("committed after close", fails(lambda: reader.committed(P0)))
saw("commit after close", fails(lambda: reader.commit()))
saw("position after close", fails(lambda: reader.position(P0)))
saw("subscription after close", [it == T for it in reader.subscription()])
saw("assignment of a member after close", numbers(reader.assignment()))
saw("group_metadata after close", [reader.group_metadata().member_id, reader.group_metadata().generation_id])
saw("subscribe after close", fails(lambda: reader.subscribe([T])))
saw("unsubscribe after close", fails(lambda: reader.unsubscribe()))
made = topic()
first = joined(made, read=6)
second = Member(first.config["group_id"], [made], **FOR_EVER)
first.close()
saw("who closes gives way at once", [partition for _, partition in until("all", lambda: len(second.owned()) == 2 and second.owned())])
second.close()

# Static members.
made = topic()
shared = group()
other_calls = Listener()
other = Member(shared, [made], listener=other_calls, **FOR_EVER, group_instance_id="other")
until("the first", lambda: len(other.owned()) == 2)
static = Member(shared, [made], **FOR_EVER, group_instance_id="me")
until("both", lambda: len(other.owned()) == 1 and len(static.owned()) == 1)
before = static.owned()
told = len(other_calls.calls)
static.close()
again = Member(shared, [made], **FOR_EVER, group_instance_id="me")
until("it is back", again.owned)
time.sleep(0.5)
saw("a static member that closes and comes back", [again.owned() == before, len(other_calls.calls) - told])
third = consumer(**QUICK, group_id=shared, group_instance_id="me")
third.subscribe([made])
newcomer = []
failed = until("the fence", lambda: [again._failure] if again._failure else None, lambda: newcomer.append(third.poll(200)))
saw("the former of two with one group_instance_id", type(failed[0]).__name__)
third.close()
other.close()

# Who is thrown out.


def kicked(listener):
    made = topic()
    reader = joined(made, listener, read=6)
    [it] = admin().describe_groups([reader.config["group_id"]])[reader.config["group_id"]]["members"]
    admin().remove_group_members(reader.config["group_id"], [MemberToRemove(member_id=it["member_id"])])
    return reader, made


reader, made = kicked(None)
saw("commit of who was thrown out", fails(lambda: reader.commit()))
reader.close()
listener = WithLost()
reader, made = kicked(listener)
del listener.calls[:]
fails(lambda: reader.commit())
write(made)
polled(reader)
saw("the listener of who was thrown out", listener.calls)
reader.close()
listener = Listener()
reader, made = kicked(listener)
del listener.calls[:]
fails(lambda: reader.commit())
write(made)
polled(reader)
saw("the listener of who was thrown out, without on_partitions_lost", listener.calls)
reader.close()
listener = WithLost()
reader, made = kicked(listener)
del listener.calls[:]
fails(lambda: reader.commit())
reader.close()
saw("the listener, when who was thrown out is closed", listener.calls)
made = topic()
listener = WithLost()
slow = joined(made, listener, read=6, max_poll_interval_ms=1000)
del listener.calls[:]
until("it is gone", lambda: admin().describe_groups([slow.config["group_id"]])[slow.config["group_id"]]["members"] == [])
write(made)
read = []
failed = fails(lambda: read.extend(polled(slow)))
until("a record", lambda: read, lambda: read.extend(polled(slow)))
saw("who does not poll for max_poll_interval_ms", [failed, listener.calls])
slow.close()
saw("a session_timeout_ms that the broker does not allow", fails(lambda: joined(T, session_timeout_ms=1000, heartbeat_interval_ms=100)))
shared = group()
first = joined(T, group_id=shared, partition_assignment_strategy=[RangePartitionAssignor])
second = fails(lambda: joined(T, group_id=shared, partition_assignment_strategy=[RoundRobinPartitionAssignor]))
saw("no strategy in common", second)
first.close()

# Auto-commit.
told = []
auto = joined(T, read=6, auto_commit_interval_ms=50, default_offset_commit_callback=lambda given, result: told.append([sorted({it.offset for it in given.values()}), isinstance(result, Exception)]))
until("a call", lambda: told, lambda: auto.poll(100))
saw("default_offset_commit_callback of auto-commits", told[0])
saw("auto-commit of a member", all_committed(auto, T))
del told[:]
auto.close()
saw("default_offset_commit_callback of the commit in close", told)
never = joined(T, read=6, enable_auto_commit=False, auto_commit_interval_ms=50)
for _ in range(3):
    never.poll(100)
saw("enable_auto_commit=False commits nothing by itself", all_committed(never, T))
never.close()
shared = group()
first = joined(T, read=4, group_id=shared)
first.close()
second = joined(T, read=2, group_id=shared)
saw("a member begins with what is committed", sorted(second.position(TopicPartition(T, partition)) for partition in range(2)))
second.close()
reader = joined(T, read=6)
reader.pause(TopicPartition(T, 0), TopicPartition(T, 1))
shared = reader.config["group_id"]
reader.close()

# Topics that come and grow.
word = name(f"later-{next(_numbers)}")
listener = Listener()
reader = Member(group(), pattern="^" + word, listener=listener, metadata_max_age_ms=300)
create_topic(word + "-a", 1)
write(word + "-a", 1)
reader.until_read(1)
saw("a topic that comes later fits the pattern", [len(reader.consumer.subscription()), len(reader.owned())])
create_topic(word + "-b", 1)
write(word + "-b", 1)
reader.until_read(2)
saw("one more", [len(reader.consumer.subscription()), len(reader.owned())])
reader.close()
