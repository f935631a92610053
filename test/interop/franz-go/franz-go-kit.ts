import type { ClientKit, Scenario } from "../scenario.ts";
import { goProgram, goTool, missingModules } from "./go-program.ts";
import { readsOurs } from "./ours.ts";
import { franzGoWrites } from "./theirs.ts";

const client = "franz-go";

/** A scenario that is all in Go; see main.go. */
function program(name: string, ...options: readonly [program: string, ...options: readonly string[]]): Scenario {
  const [main, ...rest] = options;
  return {
    client,
    name,
    timeoutMs: 120_000,
    run: async (stage) => {
      const executable = await goProgram(goTool() ?? "go");
      const { stdout } = await stage.run(executable, [main, stage.bootstrapServers, stage.unique("go"), ...rest]);
      const observation: unknown = JSON.parse(stage.hide(stdout));
      return observation;
    },
  };
}

export const franzGoKit: ClientKit = {
  client,
  prepare: async () => {
    const go = goTool();
    if (go === undefined) return { unavailable: "no Go (go is neither on PATH nor in /usr/local/go/bin)", isOptional: true };
    const unavailable = await missingModules(go);
    if (unavailable !== undefined) return { unavailable };
    await goProgram(go);
    return undefined;
  },
  scenarios: [
    program("a group of three rebalances cooperatively under load and loses and doubles nothing", "group", "classic"),
    program("a consumer group (KIP-848) of three rebalances under load and loses and doubles nothing", "group", "consumer"),
    program("an idempotent producer with five in flight writes 200,000 records in five codecs, in order", "codecs"),
    program("two transact sessions consume, transform and produce: each input comes out once", "transform"),
    program("kadm describes, lists, deletes records, alters and deletes", "admin"),
    program("topics are consumed by a regular expression, one that comes later as well", "pattern"),
    program("a fetch session gives what is asked for while partitions are paused, added and removed", "fetch"),
    program("leader epochs end where they should, and an offset with an epoch is validated first", "leaderEpoch"),
    ...readsOurs,
    ...franzGoWrites,
  ],
};
