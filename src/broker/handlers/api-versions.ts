import {
  ApiVersions,
  type ApiVersionsRange,
  type ApiVersionsRequest,
  type ApiVersionsResponse,
  advertisedVersions,
  type Draft,
  type ErrorName,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { codeOf } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";

/** From this version on a supported feature may begin at level 0; older readers would take that for an error. */
const FEATURES_FROM_LEVEL_0 = 4;
/** Of a name that is shown; the client may say as many as it likes. */
const MOST_LETTERS = 60;

export const handler: Handler = defineHandler(ApiVersions, {
  answer(request, context) {
    const problem = problemWith(request, context);
    if (problem !== undefined) return refused(codeOf(problem), context);
    const { cluster, version } = context;
    introduce(request, context);
    return {
      apiKeys: versionsOf(cluster),
      supportedFeatures: Array.from(cluster.features.supported, ([name, { min, max }]) => ({
        name,
        minVersion: min,
        maxVersion: max,
      })).filter(({ minVersion }) => minVersion > 0 || version >= FEATURES_FROM_LEVEL_0),
      finalizedFeatures: Array.from(cluster.features.finalized, ([name, { min, max }]) => ({
        name,
        minVersionLevel: min,
        maxVersionLevel: max,
      })),
      // Before 3.3 there were no features, and so nothing that could have an age.
      ...(cluster.features.supported.size > 0 && { finalizedFeaturesEpoch: BigInt(cluster.features.epoch) }),
    };
  },
  refuse: (_request, errorCode, context) => refused(errorCode, context),
});

/** Who the client is, as far as it says (KIP-511), is remembered of its first answer. */
function introduce({ clientSoftwareName: name, clientSoftwareVersion }: ApiVersionsRequest, context: RequestContext): void {
  const { connection } = context;
  connection.authentication.versionsAreKnown();
  if (name === "" || connection.softwareName !== "") return;
  connection.softwareName = name;
  connection.softwareVersion = clientSoftwareVersion;
  context.remark(`is ${name.slice(0, MOST_LETTERS)} ${clientSoftwareVersion.slice(0, MOST_LETTERS)}`);
}

function refused(errorCode: number, { cluster }: RequestContext): Draft<ApiVersionsResponse> {
  if (errorCode !== codeOf("UNSUPPORTED_VERSION")) return { errorCode };
  // The client learns which version to come back with (KIP-511).
  return { errorCode, apiKeys: versionsOf(cluster).filter(({ apiKey }) => apiKey === ApiVersions.key) };
}

/**
 * What the release has and what is implemented: a client must see no API that would not answer. (A real broker also lists APIs that
 * its configuration has switched off, such as delegation tokens.)
 */
function versionsOf({ release, handlers }: Cluster): readonly Draft<ApiVersionsRange>[] {
  const versions: Draft<ApiVersionsRange>[] = [];
  for (const [apiKey, [minVersion, maxVersion]] of advertisedVersions(release)) {
    if (handlers.has(apiKey)) versions.push({ apiKey, minVersion, maxVersion });
  }
  return versions;
}

function problemWith(request: ApiVersionsRequest, { cluster, node, version }: RequestContext): ErrorName | undefined {
  const { clientSoftwareName, clientSoftwareVersion, clusterId, nodeId } = request;
  if (version >= 3 && !(isSoftwareName(clientSoftwareName) && isSoftwareName(clientSoftwareVersion))) return "INVALID_REQUEST";
  // KIP-1242: both are named, or neither.
  if ((clusterId === null) !== (nodeId === -1)) return "INVALID_REQUEST";
  const isMisrouted = clusterId !== null && (clusterId !== cluster.id || nodeId !== node.id);
  return isMisrouted ? "REBOOTSTRAP_REQUIRED" : undefined;
}

/** Letters, digits, `-` and `.`, with a letter or a digit at both ends. */
function isSoftwareName(name: string): boolean {
  return /^[a-zA-Z0-9]/.test(name) && /[a-zA-Z0-9]$/.test(name) && !/[^a-zA-Z0-9.-]/.test(name);
}
