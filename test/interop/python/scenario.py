"""What a scenario's program is given, and how it says what it saw."""

import json
import sys
import time

_parameters = json.loads(sys.argv[1])

BOOTSTRAP = _parameters["bootstrapServers"]

# How long anything may take that must happen; the scenario's own deadline is later.
PATIENCE_S = 30


def name(word):
    """A name that no other run has used on this broker. It is the word again in what was seen."""
    return word + _parameters["suffix"]


def saw(what, seen):
    """A field of the observation, which must be equal on every broker."""
    print(json.dumps([what, seen]), flush=True)


def until(what, condition, meanwhile=lambda: time.sleep(0.02)):
    """Waits for what must become true."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        meanwhile()
