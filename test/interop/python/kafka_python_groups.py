"""Administration of groups: listed, described, their offsets read, altered and deleted, a member removed, deleted."""

from kafka import OffsetAndMetadata, TopicPartition
from kafka.admin import MemberToRemove, OffsetSpec
from kafka_python_scenario import Member, admin, create_topic, produce, refused
from scenario import name, saw, until

TOPIC, OTHER, GROUP = name("topic"), name("other"), name("group")
PARTS = [TopicPartition(TOPIC, partition) for partition in range(2)]
client = admin()

create_topic(TOPIC, 2)
create_topic(OTHER, 1)
for partition in range(2):
    produce(TOPIC, partition, [f"record {i}" for i in range(6)])

member = Member(GROUP, [TOPIC], client_id="a member", auto_commit_interval_ms=100)
member.until_read(12)


def members():
    return client.describe_groups([GROUP])[GROUP]["members"]


def described():
    it = client.describe_groups([GROUP])[GROUP]
    return {
        "error": it["error"],
        "state": it["group_state"],
        "type": it["protocol_type"],
        "protocol": it["protocol_data"],
        "members": [
            [
                who["client_id"],
                who["client_host"],
                who["group_instance_id"],
                who["member_metadata"]["topics"],
                sorted([part["topic"], sorted(part["partitions"])] for part in who["member_assignment"]["assigned_partitions"]),
            ]
            for who in it["members"]
        ],
    }


def listed(**filters):
    found = [it for it in client.list_groups(**filters) if it["group_id"] == GROUP]
    return [[it["protocol_type"], it["group_state"], it["group_type"]] for it in found]


def offsets():
    found = client.list_group_offsets({GROUP: None}).get(GROUP, {})
    return sorted([it.topic, it.partition, value.offset, value.metadata] for it, value in found.items())


def deleted():
    # The name of the error, and what the group is called in between.
    return client.delete_groups([GROUP])[GROUP].split(":")[0]


def errors(found):
    return sorted([it.topic, it.partition, error.__name__] for it, error in found.items())


saw("described", described())
saw("listed", [listed(), listed(states_filter=["Stable"]), listed(states_filter=["Empty"]), listed(types_filter=["classic"])])
saw("listed as another type", listed(types_filter=["consumer"]))
until("the offsets are committed", lambda: [offset for _, _, offset, _ in offsets()] == [6, 6])
saw("offsets", offsets())
saw("altered with a member", errors(client.alter_group_offsets(GROUP, {PARTS[0]: OffsetAndMetadata(1, "", -1)})))
saw("offsets deleted with a member", errors(client.delete_group_offsets(GROUP, PARTS[:1])))
saw("deleted with a member", deleted())

before = [it["member_id"] for it in members()]
removed = client.remove_group_members(GROUP, [MemberToRemove(member_id=it) for it in before])
saw("a member removed", [error.__name__ for error in removed.values()])
until("it has joined again", lambda: [it["member_id"] for it in members()] not in [[], before])
member.close()

saw("described without members", described())
saw("listed without members", listed(states_filter=["Empty"]))
wanted = {PARTS[0]: OffsetAndMetadata(2, "by hand", -1), TopicPartition(OTHER, 0): OffsetAndMetadata(0, "", -1)}
saw("altered", errors(client.alter_group_offsets(GROUP, wanted)))
saw("offsets, altered", offsets())
reset = client.reset_group_offsets(GROUP, {PARTS[0]: OffsetSpec.EARLIEST, PARTS[1]: 4})
saw("reset", sorted([it.partition, value["error"].__name__, value["offset"]] for it, value in reset.items()))
saw("offsets, reset", offsets())
saw("offsets deleted", errors(client.delete_group_offsets(GROUP, [TopicPartition(OTHER, 0)])))
saw("offsets after that", offsets())
again = Member(GROUP, [TOPIC])
saw("read from there", [[partition, offset] for _, partition, offset, _ in again.until_read(9)])
again.close()

saw("deleted", deleted())
saw("deleted again", deleted())
saw("offsets deleted after all", refused(lambda: client.delete_group_offsets(GROUP, PARTS)))
saw("listed after all", listed())
