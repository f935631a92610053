"""A group that subscribes a pattern: a topic that is made later joins in."""

from kafka_python_scenario import Member, create_topic, produce
from scenario import name, saw

ORDERS, RETURNS, OTHER = name("orders"), name("order-returns"), name("disorders")

create_topic(ORDERS, 2)
create_topic(OTHER, 1)
member = Member(name("group"), pattern="^order.*" + name("") + "$")
saw("at first", member.until_owned([ORDERS, 0], [ORDERS, 1]))
create_topic(RETURNS, 1)
saw("with a new topic", member.until_owned([ORDERS, 0], [ORDERS, 1], [RETURNS, 0]))
saw("subscription", sorted(member.consumer.subscription()))
for topic in [ORDERS, RETURNS, OTHER]:
    produce(topic, 0, [f"in {topic}"])
saw("read", member.until_read(2))
member.stop()
saw("knows all topics", {ORDERS, RETURNS, OTHER} <= member.consumer.topics())
member.consumer.close()
