// Has a thread load the sources, which are TypeScript: `--import tsx` does that for main threads only.

import { register } from "tsx/esm/api";

register();
