import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** What nobody holds any more is gone afterwards, whatever the process was started with. */
export async function collectGarbage(): Promise<void> {
  // A WeakRef holds what it was made for until the turn is over.
  await new Promise((resolve) => setImmediate(resolve));
  collect ??= collector();
  collect();
}

function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
