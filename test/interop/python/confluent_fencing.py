"""A second producer with the same transactional id: the first one is fenced, and what it had not committed is aborted."""

from confluent_kafka import KafkaException
from confluent_scenario import create_topic, latest, produce, producer, read_all
from scenario import name, saw

TOPIC, ID = name("fenced"), name("id")

create_topic(TOPIC, 1)
zombie = producer(transactional_id=ID)
zombie.init_transactions()
zombie.begin_transaction()
produce(zombie, TOPIC, 0, ["by the zombie, committed"])
zombie.commit_transaction()
zombie.begin_transaction()
produce(zombie, TOPIC, 0, ["by the zombie, lost"])

successor = producer(transactional_id=ID)
successor.init_transactions()
saw("end after the successor is there", latest(TOPIC, 1, "read_committed"))


def error_of(action):
    try:
        action()
    except KafkaException as error:
        cause = error.args[0]
        needs_abort = cause.txn_requires_abort()
        return {"name": cause.name(), "fatal": cause.fatal(), "retriable": cause.retriable(), "to be aborted": needs_abort}
    return None


saw("the zombie commits", error_of(zombie.commit_transaction))
saw("the zombie begins another", error_of(zombie.begin_transaction))

successor.begin_transaction()
produce(successor, TOPIC, 0, ["by the successor"])
successor.commit_transaction()
saw("committed", read_all(TOPIC, 1, "read_committed"))
saw("all", read_all(TOPIC, 1, "read_uncommitted"))
