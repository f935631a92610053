"""Members of a group that has members of other clients, too. Told line by line whom to let join and leave; each writes down what it does
as ../mixed/journal.ts says. Arguments: bootstrap servers, group, topic, protocol."""

import json
import os
import sys
import threading
import time

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from kafka.errors import CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError

BOOTSTRAP, GROUP, TOPIC, PROTOCOL = sys.argv[1:]
ASSIGNORS = {
    "range": RangePartitionAssignor,
    "roundrobin": RoundRobinPartitionAssignor,
    "sticky": StickyPartitionAssignor,
    "cooperative-sticky": CooperativeStickyAssignor,
}
# Polls between commits: who is killed has something uncommitted.
POLLS_PER_COMMIT = 3
# If a poll of kafka-python 3.0.12 ends just before the answer to SyncGroup, the next one does not take up what was assigned, and the
# member waits for ever: polls end only when they have records, which keep coming.
FOR_EVER_MS = 600_000
# A rebalance is under way, and commits by itself what is handled.
PASSING = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)

_output = threading.Lock()


class Member(ConsumerRebalanceListener):
    def __init__(self, name):
        self.name = name
        self.leaving = threading.Event()
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        try:
            # Auto-commit: what is handled can be committed in no other way before partitions are given away, listeners cannot do it.
            consumer = KafkaConsumer(
                bootstrap_servers=BOOTSTRAP,
                client_id=self.name,
                group_id=GROUP,
                auto_offset_reset="earliest",
                enable_auto_commit=True,
                session_timeout_ms=int(os.environ["SESSION_MS"]),
                heartbeat_interval_ms=int(os.environ["HEARTBEAT_MS"]),
                partition_assignment_strategy=[ASSIGNORS[PROTOCOL]],
                fetch_max_wait_ms=100,
            )
            consumer.subscribe([TOPIC], listener=self)
            polls = 0
            while not self.leaving.is_set():
                records = [it for batch in consumer.poll(timeout_ms=FOR_EVER_MS).values() for it in batch]
                if records:
                    self.note(what="read", records=[[it.partition, it.offset] for it in records])
                polls += 1
                if polls % POLLS_PER_COMMIT == 0:
                    self.commit(consumer)
            consumer.close()
            self.note(what="left")
        except Exception as error:
            self.note(what="failed", error=repr(error))

    def commit(self, consumer):
        try:
            offsets = consumer._subscription.all_consumed_offsets()
            consumer.commit(offsets)
        except PASSING:
            return
        self.note(what="committed", offsets=[[it.partition, value.offset] for it, value in offsets.items()])

    def on_partitions_assigned(self, assigned):
        self.told("assigned", assigned)

    def on_partitions_revoked(self, revoked):
        self.told("revoked", revoked)

    def on_partitions_lost(self, lost):
        self.told("lost", lost)

    def told(self, what, partitions):
        self.note(what=what, partitions=[it.partition for it in partitions])

    def note(self, **fact):
        line = json.dumps({"at": time.time() * 1000, "member": self.name, **fact})
        with _output:
            print(line, flush=True)


members = {}
for line in sys.stdin:
    command, name = line.split()
    if command == "join":
        members[name] = Member(name)
    else:
        members[name].leaving.set()
