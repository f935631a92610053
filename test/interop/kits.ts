import { franzGoKit } from "./franz-go/franz-go-kit.ts";
import { javaKit } from "./java/java-kit.ts";
import { kcatKit } from "./kcat/kcat-kit.ts";
import { confluentKit } from "./python/confluent-kit.ts";
import { kafkaPythonKit } from "./python/kafka-python-kit.ts";
import type { ClientKit } from "./scenario.ts";

export const kits: readonly ClientKit[] = [kcatKit, kafkaPythonKit, confluentKit, javaKit, franzGoKit];
