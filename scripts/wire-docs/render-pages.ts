import { apis } from "../../src/protocol/index.ts";
import { apiPage } from "./api-page.ts";
import { type DocumentedApi, documentedApi } from "./documented-api.ts";
import { errorsPage } from "./errors-page.ts";
import { indexPage } from "./index-page.ts";
import { pageFileOf } from "./page-file.ts";
import { recordsPage } from "./records-page.ts";

/** What docs/wire should hold, or what the sources lack for it. */
export interface RenderedPages {
  /** File name -> text. */
  readonly pages: ReadonlyMap<string, string>;
  /** A line for each gap, beginning with the file. */
  readonly problems: readonly string[];
}

/** Renders every page from the registry and the sources under `root`. */
export function renderPages(root: string): RenderedPages {
  const problems: string[] = [];
  const documented = apis
    .map((api) => documentedApi(api, root, (problem) => problems.push(problem)))
    .filter((one): one is DocumentedApi => one !== undefined);
  if (problems.length > 0) return { pages: new Map(), problems };
  const pages = new Map<string, string>([
    ["README.md", indexPage(documented)],
    ["errors.md", errorsPage()],
    ["records.md", recordsPage()],
    ...documented.map((one): [string, string] => [pageFileOf(one.api.name), apiPage(one)]),
  ]);
  return { pages, problems };
}
