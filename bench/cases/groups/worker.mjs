/**
 * A member of a group, in a process of its own: `node worker.mjs CLIENT_FILE name=value…`. It goes on until SIGTERM, which closes it; SIGKILL
 * is its death. What it does it says in lines, which are written at once:
 *
 *     assigned GENERATION      it has got its partitions; -1 where the client does not say of which generation
 *     generation GENERATION    where it hears of it later
 *     PARTITION OFFSET MS      a record was handled, at that time of the wall clock
 */
import { writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { planFromArguments } from "../own-process/process.mjs";

const [, , clientFile, ...settings] = process.argv;
const plan = planFromArguments(settings, ["sessionTimeoutMs", "heartbeatIntervalMs"]);
const { join } = await import(pathToFileURL(clientFile).href);

const say = (line) => writeSync(1, `${line}\n`);
const member = await join(plan, {
  assigned: (generation = -1) => say(`assigned ${generation}`),
  generation: (generation) => say(`generation ${generation}`),
  handled: (partition, offset) => say(`${partition} ${offset} ${Date.now()}`),
});
process.once("SIGTERM", () => {
  member.close().then(
    () => process.exit(),
    (error) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
