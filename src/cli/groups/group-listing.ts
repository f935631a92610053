/** `kafkawire groups list` and `describe`. */
import { GroupInspector } from "../../client/admin/groups/group-inspector.ts";
import { type Admin, BrokerError } from "../../index.ts";
import { type AdminCall, needNames, type Printed } from "../admin-command.ts";
import { failuresIn } from "../item-report.ts";
import { counted, textTable } from "../text-table.ts";
import { UsageError } from "../usage-error.ts";
import { type GroupView, groupView, lagOf, nameOf } from "./group-view.ts";

export async function listGroups({ options, names }: AdminCall): Promise<Printed> {
  if (names.length > 0) throw new UsageError("list takes no names; describe does");
  await using inspector = new GroupInspector(options);
  const found = await inspector.list();
  const columns = [{ title: "GROUP" }, { title: "TYPE" }, { title: "STATE" }, { title: "PROTOCOL" }];
  const rows = found.map(({ group, type = "?", state = "?", protocolType }) => [group, type, state, protocolType]);
  return { text: found.length === 0 ? "there are no groups\n" : textTable(columns, rows), json: found };
}

export async function describeGroups({ admin, options, names }: AdminCall): Promise<Printed> {
  needNames(names, "group");
  await using inspector = new GroupInspector(options);
  const described = await Promise.all(names.map((name) => lookedAt(inspector, admin, name)));
  const failures = failuresIn(described);
  const found = described.flatMap(({ view }) => (view === undefined ? [] : [view]));
  return {
    text: [...found.map(viewText), failures.text].filter((text) => text !== "").join("\n"),
    json: [...found.map(viewJson), ...failures.json],
    hasFailures: failures.json.length > 0,
  };
}

interface Described {
  readonly name: string;
  readonly view?: GroupView;
  readonly error?: BrokerError;
}

async function lookedAt(inspector: GroupInspector, admin: Admin, name: string): Promise<Described> {
  try {
    return { name, view: await groupView(inspector, admin, name) };
  } catch (error) {
    if (error instanceof BrokerError) return { name, error };
    throw error;
  }
}

/** As a table. */
export function viewText({ description, partitions }: GroupView): string {
  const { group, type, state, assignor, epoch, members } = description;
  const facts = [
    type,
    state,
    ...(assignor === "" ? [] : [assignor]),
    ...(epoch === undefined ? [] : [`epoch ${epoch}`]),
    counted(members.length, "member"),
  ];
  const columns = [
    { title: "TOPIC" },
    { title: "PARTITION", isNumber: true },
    { title: "COMMITTED", isNumber: true },
    { title: "END", isNumber: true },
    { title: "LAG", isNumber: true },
    { title: "CLIENT" },
    { title: "HOST" },
    { title: "MEMBER" },
  ];
  const rows = partitions.map((one) => {
    const { topic, partition, committed = "", end = "?", member } = one;
    const holder = member === undefined ? ["", "", ""] : [member.clientId, member.host, nameOf(member)];
    return [topic, String(partition), String(committed), String(end), String(lagOf(one) ?? ""), ...holder];
  });
  const others = members.filter((member) => member.partitions === undefined || member.partitions.length === 0);
  const lines = others.map((member) => [member.clientId, member.host, nameOf(member)]);
  const idle = [{ title: "WITHOUT PARTITIONS" }, { title: "HOST" }, { title: "MEMBER" }];
  return [
    textTable([{ title: `${group} (${facts.join(", ")})` }], []),
    ...(rows.length === 0 ? [] : [textTable(columns, rows)]),
    ...(lines.length === 0 ? [] : [textTable(idle, lines)]),
  ].join("");
}

function viewJson({ description, partitions }: GroupView): unknown {
  return {
    ...description,
    partitions: partitions.map((one) => {
      const { topic, partition, committed, end, member } = one;
      return { topic, partition, committed, end, lag: lagOf(one), memberId: member?.memberId };
    }),
  };
}
