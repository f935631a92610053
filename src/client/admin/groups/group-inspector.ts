import { ClientCore } from "../../client-core.ts";
import { type AdminOptions, resolveAdminConfig } from "../../config/admin-config.ts";
import type { TopicPartitionOffset } from "../../consumer/topic-partition.ts";
import { type Runtime, systemRuntime } from "../../runtime.ts";
import { describeGroup, type GroupDescription } from "./describe-group.ts";
import { groupOffsets } from "./group-offsets.ts";
import { type ListedGroup, listGroups } from "./list-groups.ts";

/** Looks at groups, and changes nothing. */
export class GroupInspector {
  readonly #core: ClientCore;

  constructor(options: AdminOptions, runtime: Runtime = systemRuntime) {
    this.#core = new ClientCore("admin", resolveAdminConfig(options), runtime);
  }

  list(): Promise<readonly ListedGroup[]> {
    return this.#core.call("listGroups", {}, listGroups);
  }

  describe(group: string): Promise<GroupDescription> {
    return this.#core.call("describeGroup", {}, (context) => describeGroup(context, group));
  }

  /** What it has committed. */
  offsets(group: string): Promise<readonly TopicPartitionOffset[]> {
    return this.#core.call("groupOffsets", {}, (context) => groupOffsets(context, group));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#core.close();
  }
}
