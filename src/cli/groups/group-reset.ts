/** `kafkawire groups reset`: where a group goes on when its consumers come back. */
import type { GroupDescription } from "../../client/admin/groups/describe-group.ts";
import { GroupInspector } from "../../client/admin/groups/group-inspector.ts";
import { BrokerError, CommitFailedError, Consumer, systemRuntime } from "../../index.ts";
import type { AdminCall, Printed } from "../admin-command.ts";
import { harmless } from "../harmless-text.ts";
import { counted, textTable } from "../text-table.ts";
import { UsageError } from "../usage-error.ts";
import { type ResetParameters, resetParameters } from "./reset-parameters.ts";
import { type PlannedOffset, type ResetPlan, resetPlan } from "./reset-plan.ts";

export async function resetGroup(call: AdminCall): Promise<Printed> {
  const wanted = resetParameters(call, systemRuntime.clock.now());
  const { group } = wanted;
  await using inspector = new GroupInspector(call.options);
  const description = await descriptionOf(inspector, group);
  if (description !== undefined && isInUse(description)) return refused(group, whoIsIn(description));
  // Committing needs no membership, where nobody is a member.
  const options = { ...call.options, groupId: group, enableAutoCommit: false, allowAutoCreateTopics: false };
  await using consumer = new Consumer(options);
  const known = wanted.topics.length > 0 ? [] : await inspector.offsets(group);
  const plan = await resetPlan(consumer, wanted, known);
  if (plan.obstacles.length > 0) return impossible(plan);
  if (plan.offsets.length === 0) throw new UsageError(`group '${group}' has committed nothing: say which --topic`);
  if (!wanted.executes) return done(wanted, plan.offsets);
  try {
    await consumer.commit(plan.offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset })));
  } catch (error) {
    // Somebody was faster.
    if (error instanceof CommitFailedError) return refused(group, "somebody has joined it meanwhile");
    throw error;
  }
  return done(wanted, plan.offsets);
}

/** Undefined if there is none yet. */
async function descriptionOf(inspector: GroupInspector, group: string): Promise<GroupDescription | undefined> {
  try {
    return await inspector.describe(group);
  } catch (error) {
    if (error instanceof BrokerError && error.code === "GROUP_ID_NOT_FOUND") return undefined;
    throw error;
  }
}

function isInUse({ state, members }: GroupDescription): boolean {
  return members.length > 0 || !["Empty", "Dead"].includes(state);
}

const MOST_NAMED = 5;

function whoIsIn({ state, members }: GroupDescription): string {
  const clients = [...new Set(members.map(({ clientId, host }) => `${clientId} at ${host}`))];
  const named = clients.slice(0, MOST_NAMED).join(", ");
  const others = clients.length > MOST_NAMED ? ", …" : "";
  return `it is ${state}, with ${counted(members.length, "member")}${named === "" ? "" : `: ${named}${others}`}`;
}

function refused(group: string, why: string): Printed {
  const message = `group '${group}' is not empty: ${why}. Offsets can be reset when all of its consumers are stopped; nothing was changed`;
  return {
    text: `failed: ${harmless(message)}\n`,
    json: [{ name: group, error: { code: "NON_EMPTY_GROUP", retriable: false, message } }],
    hasFailures: true,
  };
}

function impossible({ obstacles }: ResetPlan): Printed {
  const lines = obstacles.map(({ topic, partition, problem }) => `failed: ${harmless(topic)}-${partition}: ${problem}\n`);
  return { text: `${lines.join("")}nothing was changed\n`, json: obstacles, hasFailures: true };
}

function done({ group, executes, exports }: ResetParameters, offsets: readonly PlannedOffset[]): Printed {
  const json = { group, executed: executes, partitions: offsets.map((one) => ({ ...one, lag: one.end - one.offset })) };
  if (exports) return { text: offsets.map(({ topic, partition, offset }) => `${topic},${partition},${offset}\n`).join(""), json };
  const end = executes
    ? `${counted(offsets.length, "partition")} of group '${harmless(group)}' set`
    : "nothing was changed: --execute does it";
  return { text: `${offsetsTable(offsets)}${end}\n`, json };
}

function offsetsTable(offsets: readonly PlannedOffset[]): string {
  const numbers = ["PARTITION", "COMMITTED", "NEW", "CHANGE", "LAG"].map((title) => ({ title, isNumber: true }));
  const rows = offsets.map(({ topic, partition, committed, offset, end, wanted }) => [
    topic,
    String(partition),
    String(committed ?? ""),
    String(offset),
    committed === undefined ? "" : signed(offset - committed),
    String(end - offset),
    wanted === undefined ? "" : `not ${wanted}, which the log has not`,
  ]);
  return textTable([{ title: "TOPIC" }, ...numbers, { title: "" }], rows);
}

function signed(change: number): string {
  return change > 0 ? `+${change}` : String(change);
}
