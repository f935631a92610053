"""A group that subscribes a pattern: topics that are made later join in, and deleted ones go."""

import sys

from confluent_scenario import Member, admin, create_topic, outcome, poll_all, produce, producer, until_read
from scenario import name, saw, until

CLASSIC = {"session_timeout_ms": 10000, "heartbeat_interval_ms": 250}
settings = {"group_protocol": "consumer"} if sys.argv[2] == "consumer" else CLASSIC
SUFFIX = name("")
ORDERS, RETURNS, OTHER = name("orders"), name("order-returns"), name("disorders")

create_topic(ORDERS, 2)
create_topic(OTHER, 1)
member = Member([f"^order.*{SUFFIX}"], group_id=name("group"), topic_metadata_refresh_interval_ms=500, **settings)


def until_owned(*wanted):
    until(f"{wanted} are owned", lambda: member.owned == set(wanted), lambda: poll_all([member]))


until_owned((ORDERS, 0), (ORDERS, 1))
saw("at first", sorted(member.owned))
create_topic(RETURNS, 1)
until_owned((ORDERS, 0), (ORDERS, 1), (RETURNS, 0))
saw("with a new topic", sorted(member.owned))
for topic in [ORDERS, RETURNS, OTHER]:
    produce(producer(), topic, 0, [f"in {topic}"])
until_read([member], 2)
saw("read", sorted(member.read))
outcome(admin().delete_topics([RETURNS])[RETURNS])
until_owned((ORDERS, 0), (ORDERS, 1))
saw("without a deleted topic", sorted(member.owned))
member.close()
