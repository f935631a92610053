/** The ways to produce that are measured, the same for all clients for Node.js. Each ends when everything is acknowledged. */

/** Of the latencies of `send`, one in so many is looked at: the clock shall not be what is measured. */
const SAMPLE_EVERY = 16;
const TICK_MS = 1;

/** As much as the client takes, in the way that it knows best. */
export async function bulk(client, values, _plan, durationMs) {
  const start = performance.now();
  const records = await client.bulk(values, () => performance.now() - start >= durationMs);
  return { records, seconds: secondsSince(start) };
}

/** An awaited promise for every record, so many at once. */
export async function keepSending(client, values, plan, durationMs) {
  const latencies = [];
  const start = performance.now();
  const until = start + durationMs;
  let isOver = false;
  let records = 0;
  await Promise.all(Array.from({ length: plan.outstanding }, sendOneByOne));
  return { records, seconds: secondsSince(start), latencies };

  async function sendOneByOne() {
    while (!isOver) {
      const index = records++;
      if (index % SAMPLE_EVERY !== 0) {
        await client.send(values[index % values.length]);
        continue;
      }
      const from = performance.now();
      isOver = from >= until;
      await client.send(values[index % values.length]);
      latencies.push(performance.now() - from);
    }
  }
}

/**
 * So many records a second, a few every millisecond, whether or not the earlier ones are acknowledged. A record's latency begins when
 * it was due: a client that keeps the event loop busy is late for the next records, too. A client that would make a request of every
 * record is given those of a millisecond together, as its application would.
 */
export async function keepPace(client, values, plan, durationMs) {
  const perTick = (plan.perSecond * TICK_MS) / 1000;
  const ticks = Math.floor(durationMs / TICK_MS);
  const total = ticks * perTick;
  const latencies = [];
  const start = performance.now();
  let ticked = 0;
  await new Promise((resolve, reject) => {
    const acknowledged = (count, dueAt) => {
      const latency = performance.now() - dueAt;
      for (let each = 0; each < count; each++) latencies.push(latency);
      if (latencies.length === total) resolve();
    };
    const timer = setInterval(() => {
      const due = Math.min(ticks, Math.floor((performance.now() - start) / TICK_MS));
      for (; ticked < due; ticked++) sendTick(ticked * perTick, start + (ticked + 1) * TICK_MS, acknowledged, reject);
      if (ticked === ticks) clearInterval(timer);
    }, TICK_MS);
  });
  return { records: total, seconds: secondsSince(start), latencies };

  function sendTick(first, dueAt, acknowledged, reject) {
    const due = Array.from({ length: perTick }, (_, index) => values[(first + index) % values.length]);
    if (client.sendTogether !== undefined) client.sendTogether(due).then(() => acknowledged(perTick, dueAt), reject);
    else for (const value of due) client.send(value).then(() => acknowledged(1, dueAt), reject);
  }
}

function secondsSince(start) {
  return (performance.now() - start) / 1000;
}
