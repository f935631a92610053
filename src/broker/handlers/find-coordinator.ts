import {
  type Draft,
  type ErrorName,
  errorCode as errorByCode,
  FindCoordinator,
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
  type FoundCoordinator,
  GROUP_COORDINATOR,
  SHARE_COORDINATOR,
  TRANSACTION_COORDINATOR,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import type { BrokerNode } from "../cluster/broker-node.ts";
import type { CoordinatorKind } from "../cluster/coordinator-kind.ts";
import { refusal } from "../cluster/refusal.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";

const FIRST_VERSION_WITH_MANY_KEYS = 4;

/** Share coordinators are left out on purpose: a broker that has none says INVALID_REQUEST. */
const kinds: ReadonlyMap<number, CoordinatorKind> = new Map([
  [GROUP_COORDINATOR, "group"],
  [TRANSACTION_COORDINATOR, "transaction"],
]);

export const handler: Handler = defineHandler(FindCoordinator, {
  answer(request, context) {
    if (!kinds.has(request.keyType) && request.keyType !== SHARE_COORDINATOR) {
      return this.refuse(request, codeOf("INVALID_REQUEST"), context);
    }
    if (context.version >= FIRST_VERSION_WITH_MANY_KEYS) {
      return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...answerFor(find(key, request, context)) })) };
    }
    const found = find(request.key, request, context);
    return typeof found === "string" ? refused(codeOf(found)) : { ...answerFor(found), errorMessage: "NONE" };
  },
  refuse(request, errorCode, { version }) {
    if (version < FIRST_VERSION_WITH_MANY_KEYS) return refused(errorCode);
    return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...refused(errorCode) })) };
  },
});

function find(key: string, { keyType }: FindCoordinatorRequest, { cluster }: RequestContext): BrokerNode | ErrorName {
  const kind = kinds.get(keyType);
  if (kind === undefined) return "INVALID_REQUEST";
  const node = cluster.coordinators.find(kind, key);
  return node?.isRunning === true ? node : "COORDINATOR_NOT_AVAILABLE";
}

type Address = Pick<FoundCoordinator, "errorCode" | "nodeId" | "host" | "port">;

function answerFor(found: BrokerNode | ErrorName): Address {
  if (typeof found === "string") return nobody(codeOf(found));
  return { errorCode: NONE, nodeId: found.id, host: found.host, port: found.port };
}

function nobody(errorCode: number): Address {
  return { errorCode, nodeId: -1, host: "", port: -1 };
}

function refused(errorCode: number): Address & Draft<Pick<FindCoordinatorResponse, "errorMessage">> {
  return { ...nobody(errorCode), errorMessage: refusal(errorByCode(errorCode).name).message };
}
