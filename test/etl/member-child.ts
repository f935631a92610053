/** The process of a member: its plan comes as an argument, what it has to do as lines; in the end it tells what has become of it. */
import { createInterface } from "node:readline";
import { systemRuntime } from "../../src/client/runtime.ts";
import { EtlMember } from "./etl-member.ts";
import type { MemberPlan } from "./etl-plan.ts";

const plan: MemberPlan = JSON.parse(process.argv[2] ?? "");
const member = new EtlMember(plan, systemRuntime);
member.start();
for await (const line of createInterface(process.stdin)) {
  const [word, ms] = line.split(" ");
  if (word === "stall") member.stall(Number(ms));
  if (word === "leave") break;
}
// Also when whoever began it is gone.
await member.leave();
console.log(JSON.stringify(member.report));
process.stdin.destroy();
