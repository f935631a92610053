"""Prints where librdkafka's partitioners send keys: key-partitions-librdkafka.jsonl.

Calls the partitioners in the library that the package confluent-kafka brings. Reads the keys from the standard input, in hex, one a line.
"""

import base64
import ctypes
import glob
import json
import os
import sys

import confluent_kafka

PARTITIONERS = ["consistent", "murmur2", "fnv1a"]
PARTITION_COUNTS = [1, 3, 7, 12, 100]

package = os.path.dirname(confluent_kafka.__file__)
(library_file,) = glob.glob(os.path.join(package, "..", "confluent_kafka.libs", "librdkafka*.so*"))
library = ctypes.CDLL(library_file)


def partition(name, key, count):
    # (topic, key, length, partitions, opaque, opaque): those that hash look at nothing of the topic.
    function = getattr(library, "rd_kafka_msg_partitioner_" + name)
    function.restype = ctypes.c_int32
    function.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_int32,
        ctypes.c_void_p,
        ctypes.c_void_p,
    ]
    return function(None, key, 0 if key is None else len(key), count, None, None)


keys = [bytes.fromhex(line) for line in sys.stdin.read().split("\n")[:-1]]
for name in PARTITIONERS:
    for count in PARTITION_COUNTS:
        line = {
            "partitioner": name,
            "partitions": count,
            "keys": len(keys),
            "of": base64.b64encode(bytes(partition(name, key, count) for key in keys)).decode(),
            "ofNull": partition(name, None, count),
        }
        print(json.dumps(line, separators=(",", ":")))
