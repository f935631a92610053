"""One run of one case by a client for Python: as cases/produce/worker.mjs, in Python. A client's file gives what it can do to `main`."""

import json
import time

from process_figures import cpu_seconds, peak_rss_mb, percentile, plan_from_arguments, runtime

# Of the latencies of `send`, one in so many is looked at.
SAMPLE_EVERY = 16
TICK_SECONDS = 0.001


def main(connect):
    plan = plan_from_arguments()
    with open(plan["valuesFile"], "rb") as file:
        values = file.read().splitlines()
    styles = {"bulk": bulk, "send": keep_sending, "latency": keep_pace}
    style = styles[plan["style"]]

    start = time.perf_counter()
    client = connect(plan)
    client.send_one(values[0])
    cold = time.perf_counter() - start

    warm, _, _ = style(client, values, plan, int(plan["warmUpMs"]) / 1000)
    cpu_before = cpu_seconds()
    records, seconds, latencies = style(client, values, plan, int(plan["measureMs"]) / 1000)
    report = {
        "runtime": runtime(),
        "coldMs": cold * 1000,
        "sent": 1 + warm + records,
        "records": records,
        "seconds": seconds,
        "cpuSeconds": cpu_seconds() - cpu_before,
        "peakRssMb": peak_rss_mb(),
    }
    if latencies:
        latencies.sort()
        report["p50Ms"] = percentile(latencies, 0.5)
        report["p99Ms"] = percentile(latencies, 0.99)
    print(json.dumps(report))
    client.close()


def bulk(client, values, plan, duration):
    """As much as the client takes, in the way that it knows best."""
    start = time.perf_counter()
    until = start + duration
    records = client.bulk(values, lambda: time.perf_counter() >= until)
    return records, time.perf_counter() - start, []


def keep_sending(client, values, plan, duration):
    """A callback for every record, and so many outstanding: the next record waits for a free place."""
    outstanding = int(plan["outstanding"])
    acknowledged = Acknowledged()
    latencies = []

    def sample(since):
        def on_delivery():
            latencies.append((time.perf_counter() - since) * 1000)
            acknowledged.one()

        return on_delivery

    start = time.perf_counter()
    now = start
    records = 0
    count = len(values)
    while now - start < duration:
        while records - acknowledged.count >= outstanding:
            client.wait()
        if records % SAMPLE_EVERY == 0:
            now = time.perf_counter()
            client.send(values[records % count], sample(now))
        else:
            client.send(values[records % count], acknowledged.one)
        records += 1
    while acknowledged.count < records:
        client.wait()
    return records, time.perf_counter() - start, latencies


def keep_pace(client, values, plan, duration):
    """So many records a second, a few every millisecond; a record's latency begins when it was due."""
    per_tick = round(int(plan["perSecond"]) * TICK_SECONDS)
    latencies = []

    def due_at(due):
        return lambda: latencies.append((time.perf_counter() - due) * 1000)

    start = time.perf_counter()
    records = 0
    for ticked in range(round(duration / TICK_SECONDS)):
        due = start + (ticked + 1) * TICK_SECONDS
        client.wait_until(due)
        on_delivery = due_at(due)
        for _ in range(per_tick):
            client.send(values[records % len(values)], on_delivery)
            records += 1
    while len(latencies) < records:
        client.wait()
    return records, time.perf_counter() - start, latencies


class Acknowledged:
    """Counted by one thread only: the client's, or ours while it polls."""

    def __init__(self):
        self.count = 0

    def one(self):
        self.count += 1
