"""Transactions that are committed, aborted and open, as readers of both isolation levels see them."""

from confluent_scenario import create_topic, latest, produce, producer, read_all, refused
from scenario import name, saw, until

TOPIC = name("transactions")
LEVELS = ["read_committed", "read_uncommitted"]


def until_marked(**ends):
    """A producer is told that its transaction ends, and only then the markers are written: waits for these ends."""
    until(f"the ends {ends}", lambda: {level: latest(TOPIC, 2, level) for level in LEVELS} == ends)
    saw(f"ends in turn {len(waited)}", ends)
    waited.append(ends)


waited = []
create_topic(TOPIC, 2)
sender = producer(transactional_id=name("sender"))
saw("begun before it is initialised", refused(sender.begin_transaction))
sender.init_transactions()

sender.begin_transaction()
produce(sender, TOPIC, 0, ["committed 1", "committed 2", "committed 3"])
produce(sender, TOPIC, 1, ["committed 4"])
saw("ends while it is open", {level: latest(TOPIC, 2, level) for level in LEVELS})
saw("records while it is open", {level: read_all(TOPIC, 2, level) for level in LEVELS})
sender.commit_transaction()
until_marked(read_committed=[4, 2], read_uncommitted=[4, 2])

sender.begin_transaction()
produce(sender, TOPIC, 0, ["aborted 1", "aborted 2"])
sender.abort_transaction()
until_marked(read_committed=[7, 2], read_uncommitted=[7, 2])

# One aborted and one committed, interleaved: what is aborted is in the middle of what is not.
other = producer(transactional_id=name("other"))
other.init_transactions()
sender.begin_transaction()
other.begin_transaction()
produce(sender, TOPIC, 0, ["kept 1"])
produce(other, TOPIC, 0, ["dropped 1"])
produce(sender, TOPIC, 0, ["kept 2"])
produce(other, TOPIC, 0, ["dropped 2"])
sender.commit_transaction()
until_marked(read_committed=[8, 2], read_uncommitted=[12, 2])
saw("records while the other is open", {level: read_all(TOPIC, 2, level)[0] for level in LEVELS})
other.abort_transaction()
until_marked(read_committed=[13, 2], read_uncommitted=[13, 2])

sender.begin_transaction()
sender.commit_transaction()

plain = producer(enable_idempotence=True)
produce(plain, TOPIC, 1, ["without a transaction"])
saw("records", {level: read_all(TOPIC, 2, level) for level in LEVELS})
saw("ends", {level: latest(TOPIC, 2, level) for level in LEVELS})
