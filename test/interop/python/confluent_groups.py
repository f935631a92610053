"""Administration of groups: listed, described, their offsets read and altered, deleted."""

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_scenario import Member, admin, create_topic, failure, outcome, produce, producer, until_read, until_shared
from scenario import name, saw

TOPIC, GROUP = name("topic"), name("group")
client = admin()

create_topic(TOPIC, 2)
for partition in range(2):
    produce(producer(), TOPIC, partition, [f"record {i}" for i in range(5)])

member = Member([TOPIC], group_id=GROUP, client_id="the only member", enable_auto_commit=True, session_timeout_ms=10000)
until_shared([member], 2)
until_read([member], 10)


def described():
    it = outcome(client.describe_consumer_groups([GROUP])[GROUP])
    return {
        "state": it.state.name,
        "type": it.type.name,
        "assignor": it.partition_assignor,
        "simple": it.is_simple_consumer_group,
        "has a coordinator": it.coordinator is not None,
        "members": [
            {
                "client": who.client_id,
                "host": who.host,
                "is the one that we know": who.member_id == member.id(),
                "instance": who.group_instance_id,
                "partitions": sorted([tp.topic, tp.partition] for tp in who.assignment.topic_partitions),
            }
            for who in it.members
        ],
    }


def listed():
    groups = outcome(client.list_consumer_groups()).valid
    return [[it.group_id, it.state.name, it.type.name, it.is_simple_consumer_group] for it in groups if it.group_id == GROUP]


def offsets():
    found = outcome(client.list_consumer_group_offsets([ConsumerGroupTopicPartitions(GROUP)])[GROUP])
    return sorted([it.partition, it.offset, it.metadata] for it in found.topic_partitions)


def alter(*positions):
    request = [ConsumerGroupTopicPartitions(GROUP, [TopicPartition(TOPIC, *it) for it in positions])]
    future = client.alter_consumer_group_offsets(request)[GROUP]
    error = failure(future)
    return error or sorted([it.partition, it.error and it.error.name()] for it in outcome(future).topic_partitions)


saw("described with a member", described())
saw("listed with a member", listed())
saw("altered with a member", alter((0, 1)))
saw("deleted with a member", failure(client.delete_consumer_groups([GROUP])[GROUP]))
member.close()

saw("described without", described())
saw("listed without", listed())
saw("offsets", offsets())
saw("altered", alter((0, 2), (1, 4)))
saw("offsets, altered", offsets())

again = Member([TOPIC], group_id=GROUP, session_timeout_ms=10000)
until_read([again], 4)
saw("read from there", sorted(again.read))
again.close()

saw("deleted", failure(client.delete_consumer_groups([GROUP])[GROUP]))
saw("deleted again", failure(client.delete_consumer_groups([GROUP])[GROUP]))
saw("listed after all", listed())
saw("described, unknown", described())
saw("offsets, unknown", offsets())
