"""A group of two members: the second one joins, works and leaves; each record is read once."""

from kafka_python_scenario import Member, admin, create_topic, produce, until_read
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka import ConsumerRebalanceListener
from scenario import name, saw, until

TOPIC, GROUP = name("shared"), name("group")
PARTITIONS = 4
EACH = 15

create_topic(TOPIC, PARTITIONS)
produced = 0


class Listener(ConsumerRebalanceListener):
    """Notes how many partitions a member has in turn. Rebalances that leave it with the same, or without metadata, do not count."""

    def __init__(self):
        self.sizes = []
        self.held = 0

    def on_partitions_assigned(self, assigned):
        self.held = len(assigned)
        if self.held > 0 and self.sizes[-1:] != [self.held]:
            self.sizes.append(self.held)

    def on_partitions_revoked(self, revoked):
        if len(revoked) != self.held:
            self.sizes.append(f"{len(revoked)} of {self.held} are revoked")

    def on_partitions_lost(self, lost):
        self.sizes.append(f"{len(lost)} are lost")


def join():
    listener = Listener()
    member = Member(GROUP, [TOPIC], listener=listener, partition_assignment_strategy=[RoundRobinPartitionAssignor])
    everybody.append(member)
    return member, listener


def partitions(member):
    return [partition for _, partition in member.owned()]


def until_shared(*members):
    def is_shared():
        owned = [partitions(member) for member in members]
        return all(owned) and sorted(it for share in owned for it in share) == list(range(PARTITIONS))

    until(f"{len(members)} share", is_shared)


def produce_round(word):
    global produced
    for partition in range(PARTITIONS):
        produce(TOPIC, partition, [f"{word} {i}" for i in range(EACH)])
    produced += PARTITIONS * EACH
    until_read(everybody, produced)


def leave(member):
    global produced
    member.close()
    produced += 1


def described():
    it = admin().describe_groups([GROUP])[GROUP]
    return {
        "state": it["group_state"],
        "protocol": [it["protocol_type"], it["protocol_data"]],
        "members": sorted(len(who["member_assignment"]["assigned_partitions"][0]["partitions"]) for who in it["members"]),
    }


everybody = []
first, sizes_of_first = join()
until_shared(first)
produce_round("alone")
saw("alone", partitions(first))

second, sizes_of_second = join()
until_shared(first, second)
read_before = len(first.read)
saw("shared", sorted([partitions(first), partitions(second)]))
produce_round("shared")
saw("each reads its own", [
    sorted({partition for _, partition, _, _ in first.read[read_before:]}) == partitions(first),
    sorted({partition for _, partition, _, _ in second.read}) == partitions(second),
])
saw("described", described())

leave(second)
until_shared(first)
saw("again alone", partitions(first))
produce_round("again")
leave(first)

everything = [tuple(it) for member in everybody for it in member.read]
saw("records", len(everything))
saw("all are read", len(everything) == produced)
saw("each is read once", len(set(everything)) == len(everything))
saw("sizes of the first", sizes_of_first.sizes)
saw("sizes of the second", sizes_of_second.sizes)

third, _ = join()
until_shared(third)
saw("all was committed", until_read([third], 0))
leave(third)
saw("described without members", described())
