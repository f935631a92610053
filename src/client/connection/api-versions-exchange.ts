import { ApiVersions, type ApiVersionsResponse, errorByName, UnsupportedVersionError } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import { BrokerError } from "../errors.ts";
import { ask } from "./ask.ts";
import { BrokerVersions } from "./broker-versions.ts";
import { CLIENT_SOFTWARE_NAME, CLIENT_SOFTWARE_VERSION } from "./client-software.ts";
import type { RequestPipeline } from "./request-pipeline.ts";

const UNSUPPORTED_VERSION: number = errorByName("UNSUPPORTED_VERSION").code;

/** Which cluster and node we mean to talk to; brokers of 4.4 answer REBOOTSTRAP_REQUIRED if they are another (KIP-1242). */
export interface ExpectedBroker {
  readonly clusterId: string;
  readonly nodeId: number;
}

/**
 * Asks a broker what it speaks. It may lack the version in which we ask; then it says which it has (KIP-511), and is asked once more.
 *
 * @throws BrokerError, e.g. REBOOTSTRAP_REQUIRED when it is not the broker that was meant
 * @throws UnsupportedVersionError if there is no version in which it can be asked
 */
export async function exchangeApiVersions(
  pipeline: RequestPipeline,
  clientId: string,
  expected: ExpectedBroker | undefined,
  deadline: Deadline,
): Promise<BrokerVersions> {
  const body = {
    clientSoftwareName: CLIENT_SOFTWARE_NAME,
    clientSoftwareVersion: CLIENT_SOFTWARE_VERSION,
    ...(expected === undefined ? {} : { clusterId: expected.clusterId, nodeId: expected.nodeId }),
  };
  const askIn = async (version: number): Promise<ApiVersionsResponse> =>
    (await ask(pipeline, { api: ApiVersions, version, clientId, body, deadline })).body;
  const [, newest] = ApiVersions.clientVersions;
  let answer = await askIn(newest);
  if (answer.errorCode === UNSUPPORTED_VERSION) answer = await askIn(lowerVersion(answer, newest));
  if (answer.errorCode !== 0) throw new BrokerError(answer.errorCode, { api: ApiVersions.name, broker: pipeline.facts.broker });
  return BrokerVersions.fromAnswer(answer);
}

/** The newest version that the broker has and that is older than the one it refused; before Kafka 2.4 it names none, and has v0. */
function lowerVersion({ apiKeys }: ApiVersionsResponse, refused: number): number {
  const own = apiKeys.find(({ apiKey }) => apiKey === ApiVersions.key);
  if (own === undefined) return 0;
  if (own.maxVersion >= 0 && own.maxVersion < refused) return own.maxVersion;
  throw new UnsupportedVersionError(
    `the broker refused this version, and says that it has ${own.minVersion} to ${own.maxVersion}`,
    {
      api: ApiVersions.name,
      version: refused,
    },
  );
}
