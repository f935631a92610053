"""One run of one case by a client for Python: as cases/consume/reading.mjs and worker.mjs, in Python. A client's file gives `main` its `read`."""

import json
import struct
import time

from process_figures import cpu_seconds, peak_rss_mb, percentile, plan_from_arguments, runtime

EARLY_BYTE = 8
LATE_BYTE = 2
RECORDS_A_LOOK = 1_000
LOOKS_A_SECOND = 100
MICROSECONDS = struct.Struct(">q")


def main(read):
    plan = plan_from_arguments()
    clock = Clock(plan)
    passes = []
    latencies = []
    while not clock.is_over:
        reading = LatencyPass(plan, clock) if plan["style"] == "latency" else Pass(plan, clock)
        read(plan, reading)
        if reading.problem is not None:
            raise RuntimeError(reading.problem)
        passes.append({"counts": reading.next_offsets, "sum": reading.sum})
        latencies = reading.latencies
    report = {
        "runtime": runtime(),
        "coldMs": clock.cold_ms,
        "records": clock.records,
        "seconds": clock.seconds,
        "cpuSeconds": clock.cpu_seconds,
        "peakRssMb": peak_rss_mb(),
        "passes": passes,
    }
    if latencies:
        latencies.sort()
        report["p50Ms"] = percentile(latencies, 0.5)
        report["p99Ms"] = percentile(latencies, 0.99)
    print(json.dumps(report))


class Clock:
    def __init__(self, plan):
        self.warm_up = float(plan["warmUpMs"]) / 1000
        self.measure = float(plan["measureMs"]) / 1000
        self.started_at = time.perf_counter()
        self.records = 0
        self.seconds = 0
        self.cpu_seconds = 0
        self.cold_ms = None
        self.warm_from = None
        self.is_warm = False
        self.is_over = False
        self.since = None

    def delivered(self, count, is_last):
        now = time.perf_counter()
        if self.warm_from is None:
            self.cold_ms = (now - self.started_at) * 1000
            self.warm_from = now
        if self.since is not None:
            since, first, cpu = self.since
            self.is_over = self.seconds + now - since >= self.measure
            if self.is_over or is_last:
                self.cpu_seconds += cpu_seconds() - cpu
                self.seconds += now - since
                self.records += count - first
                self.since = None
        else:
            self.is_warm = self.is_warm or now - self.warm_from >= self.warm_up
            if self.is_warm and not is_last and not self.is_over:
                self.since = (time.perf_counter(), count, cpu_seconds())


class Pass:
    def __init__(self, plan, clock):
        self.clock = clock
        self.next_offsets = [0] * int(plan["partitions"])
        self.expected = int(plan["records"])
        self.look_every = RECORDS_A_LOOK
        self.count = 0
        self.sum = 0
        self.is_over = False
        self.problem = None
        self.latencies = []

    def take(self, partition, offset, value):
        if offset != self.next_offsets[partition]:
            self.problem = f"partition {partition}: offset {offset} where {self.next_offsets[partition]} is next"
        self.next_offsets[partition] = offset + 1
        self.sum += len(value) + value[EARLY_BYTE] + value[-LATE_BYTE]
        self.count += 1

    def look(self):
        """To be asked when what was delivered together is taken."""
        is_last = self.count >= self.expected
        self.clock.delivered(self.count, is_last)
        self.is_over = is_last or self.clock.is_over or self.problem is not None
        return self.is_over

    def take_one(self, partition, offset, value):
        self.take(partition, offset, value)
        return self.count % self.look_every == 0 and self.look()


class LatencyPass(Pass):
    def __init__(self, plan, clock):
        super().__init__(plan, clock)
        self.expected = float("inf")
        self.look_every = -(-int(plan["perSecond"]) // LOOKS_A_SECOND)

    def take(self, partition, offset, value):
        super().take(partition, offset, value)
        if self.clock.is_warm:
            (sent_at,) = MICROSECONDS.unpack_from(value)
            self.latencies.append((time.time_ns() / 1000 - sent_at) / 1000)
