import type { Deadline } from "../async/deadline.ts";
import type { BrokerVersions } from "./broker-versions.ts";
import type { RequestPipeline } from "./request-pipeline.ts";

/**
 * Proves to a broker who we are, on a connection that nobody uses yet: after ApiVersions, before everything else.
 *
 * Rejects with an AuthenticationError when we are not accepted, and with a ConnectionError when the connection breaks meanwhile.
 */
export type Authenticate = (pipeline: RequestPipeline, versions: BrokerVersions, deadline: Deadline) => Promise<void>;
