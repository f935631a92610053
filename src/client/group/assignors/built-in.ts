import type { AssignorName } from "../../config/consumer-options.ts";
import type { PartitionAssignor } from "./assignor.ts";
import { rangeAssignor } from "./range.ts";
import { roundRobinAssignor } from "./round-robin.ts";
import { cooperativeStickyAssignor, stickyAssignor } from "./sticky/sticky.ts";

const ASSIGNORS: Readonly<Record<AssignorName, PartitionAssignor>> = {
  range: rangeAssignor,
  roundrobin: roundRobinAssignor,
  sticky: stickyAssignor,
  "cooperative-sticky": cooperativeStickyAssignor,
};

export function builtInAssignor(name: AssignorName): PartitionAssignor {
  return ASSIGNORS[name];
}
