import { expect, it } from "vitest";
import {
  allOf,
  type GroupReader,
  type GroupReaders,
  groupReaders,
  type ReaderOptions,
} from "../../../../test/support/group-readers.ts";

type Strategy = NonNullable<ReaderOptions["partitionAssignmentStrategy"]>;

const PARTITIONS = [0, 1, 2, 3];

/** Everybody has some, all have all, and nobody has what another one has. */
function untilAllShare(group: GroupReaders, members: readonly GroupReader[]): Promise<void> {
  return group.until(
    () => members.every(({ partitions }) => partitions.length > 0) && allOf(...members).join() === PARTITIONS.join(),
  );
}

/** What they were told that they let go of, since then. */
function revokedSince(members: readonly GroupReader[], before: readonly number[]): readonly string[] {
  return members.flatMap(({ told }, index) => told.slice(before[index])).filter((told) => told.startsWith("revoked"));
}

/** As many partitions as a member is told to let go of at once, when one more comes. */
async function revokedForOneMore(group: GroupReaders, members: readonly GroupReader[], strategy: Strategy): Promise<number> {
  const before = members.map(({ told }) => told.length);
  const more = group.reader("more", { partitionAssignmentStrategy: strategy });
  await untilAllShare(group, [...members, more]);
  return revokedSince(members, before).flatMap((told) => told.split(",")).length;
}

const EAGER = ["range"] as const;
const COOPERATIVE = ["cooperative-sticky"] as const;
const BOTH = ["cooperative-sticky", "range"] as const;

it.each([
  ["from eager to cooperative (KIP-429)", [EAGER, BOTH, COOPERATIVE], 1],
  ["from cooperative back to eager, who let go of everything", [COOPERATIVE, BOTH, EAGER], 4],
] as const)(
  "G20: members that are restarted one by one, twice, change %s; meanwhile every record is read once",
  async (_way, [first, between, last], revoked) => {
    const group = await groupReaders();
    const members = ["one", "two", "three"].map((name) => group.reader(name, { partitionAssignmentStrategy: first }));
    let written = 0;
    const write = async (): Promise<void> => group.write(2, 2 * written++);
    await untilAllShare(group, members);
    for (const strategy of [between, last]) {
      for (const [index, before] of members.entries()) {
        await write();
        await group.stage.when(before.stop());
        await group.stage.when(before.consumer.close());
        await write();
        members[index] = group.reader(before.name, { partitionAssignmentStrategy: strategy });
        await untilAllShare(group, members);
      }
    }
    await write();
    await group.until(() => group.read.length >= PARTITIONS.length * 2 * written);
    await group.settle();
    const all = PARTITIONS.flatMap((partition) => Array.from({ length: 2 * written }, (_, at) => `${partition}/${at} v${at}`));
    expect(group.read).toEqual(all.sort());
    expect(group.readers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(await revokedForOneMore(group, members, last)).toBe(revoked);
    await group.stop();
  },
);

it("G9: a strategy that the others do not have is refused: the way leads over members that have both", async () => {
  const group = await groupReaders();
  const one = group.reader("one", { partitionAssignmentStrategy: EAGER });
  await group.untilShared(4);
  const two = group.reader("two", { partitionAssignmentStrategy: COOPERATIVE });
  await group.until(() => two.errors.length > 0);
  expect([two.errors[0], one.partitions]).toEqual(["INCONSISTENT_GROUP_PROTOCOL", PARTITIONS]);
  await group.stop();
});
