/** A process that hosts members, one of each group as a rule: to be killed, to be stopped. Its orders come from `host.ts`. */
import { setImmediate as turn } from "node:timers/promises";
import { ChaosMember } from "./chaos-member.ts";
import { Journal } from "./journal.ts";
import type { HostOrder, HostReport } from "./member-spec.ts";

const [, , path = ""] = process.argv;
const journal = new Journal(path);
const members = new Map<string, ChaosMember>();
let isToStopInHand = false;

function report(what: HostReport): void {
  process.send?.(what);
}

/** Nothing of this process goes on before somebody continues it: what follows is done by a member that is long gone for its group. */
function stop(): void {
  process.kill(process.pid, "SIGSTOP");
}

/**
 * Undefined unless it is to stop. It does so with that record in hand, but in a turn of its own: what other members of this process were
 * given before has reached their handlers by then.
 */
function stopInHand(): Promise<void> | undefined {
  if (!isToStopInHand) return undefined;
  isToStopInHand = false;
  return turn().then(stop);
}

function goOn(): void {
  isToStopInHand = false;
  report({ kind: "goes on" });
}

async function close(name: string): Promise<void> {
  await members.get(name)?.close();
  members.delete(name);
  report({ kind: "closed", member: name });
}

function obey(order: HostOrder): void {
  if (order.kind === "start") members.set(order.spec.member, new ChaosMember({ spec: order.spec, journal, onWork: stopInHand }));
  else if (order.kind === "close") void close(order.member);
  else if (order.kind === "stop" && order.where === "in hand") isToStopInHand = true;
  else if (order.kind === "stop") stop();
  else if (order.kind === "go on") goOn();
  else resubscribe(members.get(order.member));
}

function resubscribe(member: ChaosMember | undefined): void {
  member?.consumer.unsubscribe();
  member?.subscribe();
}

process.on("message", obey);
// Whoever gave the orders is gone.
process.once("disconnect", () => process.exit());
report({ kind: "ready" });
