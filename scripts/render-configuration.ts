/** Renders docs/configuration.md from the tables of src/client/config; `--check` only looks whether it is fresh. */
import { configurationPage } from "./configuration-page.ts";
import { renderPage } from "./render-page.ts";

renderPage("configuration.md", configurationPage());
