import type { KafkaError } from "../../protocol/index.ts";
import type { RecordMetadata } from "./record-metadata.ts";

/** Told once what became of a record: where it is, or why it is nowhere. */
export type OnDelivery = (error: KafkaError | null, metadata: RecordMetadata | undefined) => void;
