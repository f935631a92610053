/** npx runs the command line's file itself, and npm makes it executable only when it links it first, not when it is built again. */
import { chmodSync } from "node:fs";

chmodSync(new URL("../dist/cli/main.js", import.meta.url), 0o755);
