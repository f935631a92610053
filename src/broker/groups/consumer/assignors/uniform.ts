import type { Assignor } from "./assignor.ts";
import { assignToUnequalMembers } from "./uniform-heterogeneous.ts";
import { assignToEqualMembers } from "./uniform-homogeneous.ts";

/** `uniform`, Kafka's default: as many partitions for everybody as can be, and as few moved as possible. */
export const assignUniformly: Assignor = (group) => {
  if (group.members.length === 0) return new Map();
  return group.isHomogeneous ? assignToEqualMembers(group) : assignToUnequalMembers(group);
};
