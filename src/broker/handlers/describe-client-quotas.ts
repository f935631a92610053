import { DescribeClientQuotas, type DescribeClientQuotasComponent } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { type Refusal, refusal } from "../cluster/refusal.ts";
import { codeOf } from "../error-codes.ts";

/** Nobody can set a quota here, so no filter finds one; a wrong filter is refused all the same. */
export const handler: Handler = defineHandler(DescribeClientQuotas, {
  answer({ components }) {
    const problem = problemWithFilter(components);
    if (problem === undefined) return { entries: [] };
    return { errorCode: codeOf(problem.error), errorMessage: problem.message, entries: null };
  },
  refuse: (_request, errorCode) => ({ errorCode, entries: null }),
});

const USER = "user";
const CLIENT_ID = "client-id";
const IP = "ip";

/** `matchType`: one name, the default, or whatever there is. */
const MATCH_EXACT = 0;
const MATCH_DEFAULT = 1;
const MATCH_SPECIFIED = 2;

function problemWithFilter(components: readonly DescribeClientQuotasComponent[]): Refusal | undefined {
  const types = new Set<string>();
  for (const component of components) {
    const problem = problemWithType(component.entityType, types) ?? problemWithMatch(component);
    if (problem !== undefined) return problem;
    types.add(component.entityType);
  }
  if (!types.has(IP) || types.size === 1) return undefined;
  return invalid(
    "Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.",
  );
}

function problemWithType(type: string, before: ReadonlySet<string>): Refusal | undefined {
  if (type === "") return invalid("Invalid empty entity type.");
  if (before.has(type)) return invalid(`Entity type ${type} cannot appear more than once in the filter.`);
  if (type === USER || type === CLIENT_ID || type === IP) return undefined;
  return refusal("UNSUPPORTED_VERSION", `Unsupported entity type ${type}`);
}

function problemWithMatch({ matchType, match }: DescribeClientQuotasComponent): Refusal | undefined {
  switch (matchType) {
    case MATCH_EXACT:
      return match === null ? invalid("Request specified MATCH_TYPE_EXACT, but set match string to null.") : undefined;
    case MATCH_DEFAULT:
      return match === null ? undefined : unwantedMatch("DEFAULT");
    case MATCH_SPECIFIED:
      return match === null ? undefined : unwantedMatch("SPECIFIED");
    default:
      return invalid(`Unknown match type ${matchType}`);
  }
}

function unwantedMatch(matchType: string): Refusal {
  return invalid(`Request specified MATCH_TYPE_${matchType}, but also specified a match string.`);
}

function invalid(message: string): Refusal {
  return refusal("INVALID_REQUEST", message);
}
