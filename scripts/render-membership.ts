/** Renders docs/membership.md from the tables of src/client/group; `--check` only looks whether it is fresh. */
import { membershipPage } from "./membership-page.ts";
import { renderPage } from "./render-page.ts";

renderPage("membership.md", membershipPage());
