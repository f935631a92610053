import { errorByName, IncrementalAlterConfigs, KafkaError, UnsupportedVersionError } from "../../protocol/index.ts";
import type { AdminContext, CallOptions } from "./admin-context.ts";
import { type ConfigChanges, operationsFrom } from "./config-changes.ts";
import { type ConfigResource, codeOfType } from "./config-resource.ts";
import { type ItemResult, settledItems } from "./item-result.ts";
import { replaceConfigs } from "./replace-configs.ts";
import { askAboutResources, type ResourceAnswer, type ResourceRow } from "./resource-call.ts";

export interface AlterConfigsOptions extends CallOptions {
  /** Only checks whether the changes could be made. */
  readonly validateOnly?: boolean;
  /**
   * Brokers before 2.3 can only replace all settings of a resource at once. True: with them, its settings are read, changed and written
   * back; a change that somebody else makes in between is undone. Default false: with them, the call fails.
   */
  readonly replaceOnOldBrokers?: boolean;
}

const NOT_CONTROLLER = errorByName("NOT_CONTROLLER").code;

export async function incrementalAlterConfigs(
  context: AdminContext,
  changes: readonly ConfigChanges[],
  { validateOnly = false, replaceOnOldBrokers = false }: AlterConfigsOptions = {},
): Promise<readonly ItemResult<ConfigResource>[]> {
  const outcomes = await askAboutResources(context, {
    api: IncrementalAlterConfigs,
    items: changes,
    target: { kind: "controller" },
    body: (items) => ({
      resources: items.map((item) => ({
        resourceType: codeOfType(item.type),
        resourceName: item.name,
        configs: operationsFrom(item),
      })),
      validateOnly,
    }),
    rows: ({ responses }) => responses,
    errorsIn: notController,
  });
  const tooOld = outcomes.filter(({ outcome }) => outcome instanceof UnsupportedVersionError).map(({ item }) => item);
  const replaced = await replaceConfigs(context, replaceOnOldBrokers ? tooOld : [], { validateOnly });
  return settledItems(outcomes.map(({ item, outcome }) => resultOf(item, replaced.get(item) ?? withAdvice(outcome))));
}

function resultOf({ type, name }: ConfigChanges, outcome: ResourceAnswer<ResourceRow> | KafkaError): ItemResult<ConfigResource> {
  return outcome instanceof KafkaError ? { type, name, error: outcome } : { type, name };
}

function notController(rows: readonly ResourceRow[]): readonly number[] {
  return rows.some(({ errorCode }) => errorCode === NOT_CONTROLLER) ? [NOT_CONTROLLER] : [];
}

function withAdvice(outcome: ResourceAnswer<ResourceRow> | KafkaError): ResourceAnswer<ResourceRow> | KafkaError {
  if (!(outcome instanceof UnsupportedVersionError)) return outcome;
  return new UnsupportedVersionError(
    "brokers before 2.3 can only replace all settings of a resource at once; to have them read, changed and written back " +
      "(undoing what others change meanwhile), pass replaceOnOldBrokers",
    { api: IncrementalAlterConfigs.name },
  );
}
