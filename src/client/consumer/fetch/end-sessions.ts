/**
 * S6: whoever stops fetching says so, or the brokers keep its sessions until others need their place. Not on the connection that fetches:
 * behind a request that waits for records, it would wait with it.
 */
import { Fetch, type FetchRequest } from "../../../protocol/index.ts";
import type { Deadline } from "../../async/deadline.ts";
import type { ClientParts } from "../../client-core.ts";
import type { SessionHead } from "./fetch-session.ts";

export async function endSessions(
  heads: ReadonlyMap<number, SessionHead | undefined>,
  { pool, cluster }: ClientParts,
  deadline: Deadline,
): Promise<void> {
  const ending: Promise<unknown>[] = [];
  for (const [nodeId, head] of heads) {
    const broker = cluster.metadata.brokers.get(nodeId);
    if (head === undefined || broker === undefined) continue;
    const body: Partial<FetchRequest> = { ...head, maxWaitMs: 0, minBytes: 0, maxBytes: 0 };
    const connecting = pool.connection(broker, "main", deadline);
    ending.push(connecting.then((connection) => connection.ask(Fetch, body, deadline)));
  }
  // A broker that cannot be told forgets the session by itself.
  await Promise.allSettled(ending);
}
