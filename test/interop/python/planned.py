"""A plan for producers, see ../theirs/plan.ts: it is on the standard input, and what its records were told is printed."""

import json
import sys


def data(text):
    return None if text is None else bytes.fromhex(text)


def follow(open_producer, send):
    """Steps of the plan. send(producer, records) gives [offset, timestamp] for each record, once all are acknowledged."""
    producers, told = {}, []
    for step in json.load(sys.stdin):
        by, do = step["by"], step["do"]
        if do == "open":
            producers[by] = open_producer(step)
        elif do == "send":
            told += send(producers[by], [read(it) for it in step["records"]])
        elif do == "close":
            producers.pop(by)
        else:
            getattr(producers[by], f"{do}_transaction")()
    print(json.dumps(told))


def read(record):
    time = record["timestamp"]
    headers = [(name, data(value)) for name, value in record["headers"]]
    return {
        "partition": record["partition"],
        "timestamp": None if time is None else int(time),
        "key": data(record["key"]),
        "value": data(record["value"]),
        "headers": headers,
    }
