import { ourScenarios, type Reader } from "../ours/our-scenarios.ts";
import type { Scenario } from "../scenario.ts";
import { Kcat } from "./kcat.ts";

export const kcatReader: Reader = async (stage, { topic, isolation }) => {
  const records = await new Kcat(stage).consume(topic, ["-o", "beginning", "-X", `isolation.level=${isolation}`]);
  return records.map(({ partition, offset, ts, key, payload, headers = [] }) => {
    const pairs: [string, string | null][] = [];
    for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i] ?? "", headers[i + 1] ?? null]);
    return { partition, offset, timestamp: ts, key, value: payload, headers: pairs };
  });
};

export const readsOurs: readonly Scenario[] = ourScenarios("kcat", kcatReader);
