/** Where a thread of a run begins. */
import { parentPort, workerData } from "node:worker_threads";
import { ThreadMember } from "./thread-member.ts";
import { isThreadStart } from "./thread-messages.ts";

const start: unknown = workerData;
if (parentPort === null || !isThreadStart(start))
  throw new Error("this is where a thread of Consumer.run() begins, and nothing to be imported");
void new ThreadMember(parentPort, start).live();
