"""Static members: one restarts and has its partitions again, and the other never notices."""

from confluent_scenario import Member, admin, create_topic, outcome, poll_all, produce, producer, shares, until_read, until_shared
from scenario import name, saw

TOPIC, GROUP = name("topic"), name("group")
PARTITIONS = 4

create_topic(TOPIC, PARTITIONS)


def member(instance):
    return Member([TOPIC], group_id=GROUP, group_instance_id=instance, session_timeout_ms=20000, heartbeat_interval_ms=250)


def described():
    it = outcome(admin().describe_consumer_groups([GROUP])[GROUP])
    members = sorted([who.group_instance_id, len(who.assignment.topic_partitions)] for who in it.members)
    return {"state": it.state.name, "members": members}


first = member("first")
until_shared([first], PARTITIONS)
second = member("second")
until_shared([first, second], PARTITIONS)
saw("shared", shares([first, second]))
owned = [first.owned.copy(), second.owned.copy()]
events = len(first.events)

second.close()
for _ in range(20):
    first.poll()
saw("the first is given nothing when the second closes", len(first.events) == events)
saw("described while the second is away", described())

second = member("second")
until_shared([first, second], PARTITIONS)
poll_all([first, second])
saw("both have what they had", [first.owned, second.owned] == owned)
saw("the first did not notice", len(first.events) == events)
for partition in range(PARTITIONS):
    produce(producer(), TOPIC, partition, ["a", "b", "c"])
until_read([first, second], 3 * PARTITIONS)
saw("read", sorted([partition, offset, value] for _, partition, offset, value in first.read + second.read))
saw("described", described())
first.close()
second.close()
