// Programs around the Java clients; see Main.java.

import type { Scenario } from "../scenario.ts";
import { javaRuntime } from "./java-runtime.ts";

const client = "java";

/** A scenario that is all in Java. */
function program(name: string, ...options: readonly [program: string, ...options: readonly string[]]): Scenario {
  const [main, ...rest] = options;
  return {
    client,
    name,
    timeoutMs: 120_000,
    run: async (stage) => {
      const { java, parameters } = await javaRuntime();
      const names = stage.unique("java");
      const { stdout } = await stage.run(java, [...parameters, "interop.Main", main, stage.bootstrapServers, names, ...rest]);
      const observation: unknown = JSON.parse(stage.hide(stdout));
      return observation;
    },
  };
}

export const programScenarios: readonly Scenario[] = [
  program("a classic group with the range assignor loses and doubles nothing when one of three leaves", "classic-group", "range"),
  program("a classic group with the sticky assignor loses and doubles nothing when one of three leaves", "classic-group", "sticky"),
  program(
    "a classic group with the cooperative-sticky assignor takes nothing from those who stay when one of three leaves",
    "classic-group",
    "cooperative-sticky",
  ),
  program(
    "a consumer group (KIP-848) with the uniform assignor shares, gives back and doubles nothing",
    "consumer-group",
    "uniform",
  ),
  program("a consumer group (KIP-848) with the range assignor shares, gives back and doubles nothing", "consumer-group", "range"),
  program("a static member of a classic group returns to its partitions, unnoticed by the other", "static-member", "classic"),
  program("a static member of a consumer group returns to its partitions, unnoticed by the other", "static-member", "consumer"),
  program("a subscription by a regular expression that the broker resolves finds topics, and later ones", "pattern"),
  program(
    "200,000 records in transactions, a third of them aborted: a read-committed reader sees exactly the rest",
    "transactions",
  ),
  program("consume, transform, produce: a fenced zombie leaves no trace", "consume-transform-produce"),
  program("idempotent producers in five codecs: keys, values, headers and times arrive as they were", "codecs"),
  program("the admin client creates, describes, extends and deletes topics, and every mistake has its name", "admin-topics"),
  program("the admin client alters configs and SCRAM users, and every mistake has its name", "admin-configs"),
  program("the admin client finds offsets by position and time, and deletes records", "admin-offsets"),
  program("the admin client describes, alters and deletes groups of both protocols", "admin-groups"),
  program("the admin client sees, fences, aborts and terminates transactions", "admin-transactions"),
];
