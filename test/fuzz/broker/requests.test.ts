import { describe, expect, it } from "vitest";
import { mutated } from "../mutate.ts";
import { Random } from "../random.ts";
import { prepareBroker } from "./prepared-broker.ts";
import { probe } from "./probe.ts";
import { type FixtureRequest, fixtureRequests, spoiledRequest } from "./requests.ts";
import { ROUNDS, SEED, TIMEOUT_MS } from "./rounds.ts";

const requests = fixtureRequests();
/** In an ordinary run one in so many is changed. */
const RARITY = 12;

/** What went wrong, with the request that did it; and how many there were. */
class Ring {
  readonly findings: string[] = [];
  sent = 0;
  closed = 0;

  async send(name: string, frame: Uint8Array, options: { readonly ends?: boolean } = {}): Promise<void> {
    const { problems, isClosed } = await probe(await prepareBroker({ nodes: 3 }), frame, options);
    this.sent++;
    if (isClosed) this.closed++;
    for (const problem of problems) this.findings.push(`${name}: ${problem}\n${Buffer.from(frame).toString("hex").slice(0, 4000)}`);
  }
}

function some(random: Random): readonly FixtureRequest[] {
  const first = random.below(RARITY);
  return requests.filter((_request, index) => ROUNDS > 1 || index % RARITY === first);
}

describe("a broker with something of everything in it, and a stranger", () => {
  it("answers or hangs up on every request that Kafka's classes wrote, and serves others on", { timeout: TIMEOUT_MS }, async () => {
    const ring = new Ring();
    for (const { name, frame } of requests) await ring.send(name, frame);
    expect(ring.findings).toEqual([]);
    expect(ring.sent).toBe(requests.length);
    // Those of brokers and controllers among themselves, and what 4.0 dropped.
    expect(ring.closed).toBeGreaterThan(100);
    expect(ring.closed).toBeLessThan(ring.sent / 2);
  });

  it("does so whatever values stand in them", { timeout: TIMEOUT_MS }, async () => {
    const ring = new Ring();
    const random = new Random(SEED);
    const { broker, known } = await prepareBroker({ nodes: 3 });
    await broker.close();
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, frame } of some(random)) {
        const spoiled = spoiledRequest(frame, random, known);
        if (spoiled !== undefined) await ring.send(name, spoiled);
      }
    }
    expect(ring.findings).toEqual([]);
    expect(ring.sent).toBeGreaterThan(requests.length / RARITY / 2);
    expect(ring.closed).toBeLessThan(ring.sent / 2);
  });

  it("does so whatever became of their bytes, the client's end included", { timeout: TIMEOUT_MS }, async () => {
    const ring = new Ring();
    const random = new Random(SEED + 1);
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, frame } of some(random)) {
        const bytes = Buffer.from(mutated(frame, random, { other: random.pick(requests).frame, dictionary: [] }));
        const hasSize = bytes.length >= 4 && random.below(8) > 0;
        if (hasSize) bytes.writeInt32BE(bytes.length - 4);
        // A frame that never becomes whole is waited for, until the client ends.
        await ring.send(name, bytes, { ends: !hasSize || random.below(4) === 0 });
      }
    }
    expect(ring.findings).toEqual([]);
    expect(ring.closed).toBeGreaterThan(0);
  });
});
