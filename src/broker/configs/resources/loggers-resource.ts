import { type Refusal, refusal } from "../../cluster/refusal.ts";
import type { ConfigEntry, ConfigResource } from "./config-resource.ts";

/** The loggers of a broker. There are none here: what happens stands in the journal. */
export class LoggersResource implements ConfigResource {
  readonly settings: ReadonlyMap<string, string> = new Map();

  definition(): undefined {
    return undefined;
  }

  describe(): readonly ConfigEntry[] {
    return [];
  }

  refusalOfNames(names: readonly string[]): Refusal | undefined {
    const [first] = names;
    return first === undefined ? undefined : refusal("INVALID_CONFIG", `Logger ${first} does not exist!`);
  }

  check(): ReadonlyMap<string, string> {
    return new Map();
  }

  replace(): void {}
}
