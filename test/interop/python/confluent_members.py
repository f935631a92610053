"""Two members of a group share four partitions, one leaves: cooperative groups, and those of KIP-848."""

import sys

from confluent_scenario import Member, admin, create_topic, outcome, produce, producer, shares, until_read, until_shared
from scenario import name, saw

PARTITIONS = 4
EACH = 20

SETTINGS = {
    "cooperative-sticky": {"partition_assignment_strategy": "cooperative-sticky"},
    "consumer": {"group_protocol": "consumer"},
    "consumer-range": {"group_protocol": "consumer", "group_remote_assignor": "range"},
}

protocol = sys.argv[2]
is_classic = not protocol.startswith("consumer")
TOPIC, GROUP = name("topic"), name("group")
settings = {"group_id": GROUP, **SETTINGS[protocol]}
if is_classic:
    settings |= {"session_timeout_ms": 10000, "heartbeat_interval_ms": 250}

sender = producer()
produced = 0


def produce_round(word):
    global produced
    for partition in range(PARTITIONS):
        produce(sender, TOPIC, partition, [f"{word} {i}" for i in range(EACH)])
    produced += PARTITIONS * EACH


def described():
    it = outcome(admin().describe_consumer_groups([GROUP])[GROUP])
    members = sorted(sorted(tp.partition for tp in member.assignment.topic_partitions) for member in it.members)
    return {"state": it.state.name, "type": it.type.name, "assignor": it.partition_assignor, "members": members}


create_topic(TOPIC, PARTITIONS)
first = Member([TOPIC], **settings)
until_shared([first], PARTITIONS)
produce_round("alone")
until_read([first], produced)
saw("alone", shares([first]))

second = Member([TOPIC], **settings)
until_shared([first, second], PARTITIONS)
read_before = len(first.read)
produce_round("shared")
until_read([first, second], produced)
saw("sizes when shared", [len(it) for it in shares([first, second])])
saw("described", {**described(), "members": [len(it) for it in described()["members"]]})
saw("each reads its own", [
    {(topic, partition) for topic, partition, _, _ in first.read[read_before:]} == first.owned,
    {(topic, partition) for topic, partition, _, _ in second.read} == second.owned,
])

second.close()
until_shared([first], PARTITIONS)
produce_round("again")
until_read([first], produced - len(second.read))
saw("again alone", shares([first]))
everything = first.read + second.read
saw("records", len(everything))
saw("each is read once", len({tuple(it) for it in everything}) == len(everything))
by_partition = [[offset for _, partition, offset, _ in first.read if partition == wanted] for wanted in range(PARTITIONS)]
saw("in order", all(offsets == sorted(offsets) for offsets in by_partition))
# An incremental rebalance takes only what another member is to have. How many steps it takes is nobody's matter.
saw("sizes that the first was given and lost", [[event, len(partitions)] for event, partitions in first.events if partitions])
first.close()
saw("described without members", described())
