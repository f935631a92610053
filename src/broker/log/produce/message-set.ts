/**
 * Message sets of formats 0 and 1, from Produce before version 3: brokers before 4.0 take them, and store them in format 2
 * unless an old `log.message.format.version` says otherwise, which nothing here does.
 */
import { CorruptBatchError, MalformedMessageError, RecordBatch, type RecordInput, readBatches } from "../../../protocol/index.ts";
import { type AcceptedBatch, type AppendRules, checkSize, encodeAccepted, targetCompression, unfold } from "./accepted-batch.ts";
import { brokerCodecs } from "./broker-codecs.ts";
import { corrupt, firstBatch, invalid } from "./received-batch.ts";
import { RecordCheck } from "./record-rules.ts";

/** @throws AppendRefusal */
export function acceptMessageSet(records: Uint8Array | null, rules: AppendRules): AcceptedBatch {
  if (records === null || firstBatch(records) === undefined) throw invalid("Record batch has no batches at all");
  const messages = messagesOf(records, rules);
  const [first] = messages;
  if (first === undefined) throw invalid("Record batch has no batches at all");
  const source = messages.findLast((message) => message.compression !== "none")?.compression ?? "none";
  if (source !== "none" && messages.length > 1) throw invalid("Compressed outer record has more than one batch");
  const inputs = messages.flatMap((message) => inputsOf(message, rules));
  return encodeAccepted(inputs, targetCompression(source, rules.compressionType), rules, {});
}

function messagesOf(records: Uint8Array, rules: AppendRules): RecordBatch[] {
  try {
    const messages = [...readBatches(records, { codecs: brokerCodecs, maxOutputBytes: rules.budget.most })];
    for (const { magic, sizeInBytes } of messages) {
      if (magic !== messages[0]!.magic || magic === 2)
        throw invalid(`Batch magic ${magic} in a message set in topic partition ${rules.partition}`);
      checkSize(sizeInBytes, rules.partition, rules.maxMessageBytes);
    }
    return messages;
  } catch (error) {
    throw refusalFrom(error);
  }
}

function refusalFrom(error: unknown): unknown {
  if (error instanceof CorruptBatchError) return corrupt(error.message);
  return error instanceof MalformedMessageError ? corrupt(error.message) : error;
}

function inputsOf(message: RecordBatch, rules: AppendRules): RecordInput[] {
  unfold(message, rules);
  const check = new RecordCheck(rules, message.timestampType);
  const inputs: RecordInput[] = [];
  try {
    const cursor = message.cursor();
    while (cursor.next()) {
      check.check(cursor, inputs.length);
      if (message.compression !== "none") checkInnerCrc(cursor.bytes, cursor.start);
      inputs.push({
        key: cursor.key,
        value: cursor.value,
        timestamp: rules.timestampType === "LogAppendTime" ? rules.nowMs : cursor.timestamp,
      });
    }
  } catch (error) {
    throw refusalFrom(error);
  }
  check.finish();
  return inputs;
}

/** The checksum of the wrapper was checked; those of the messages inside have to be, too. */
function checkInnerCrc(bytes: Uint8Array, start: number): void {
  RecordBatch.decode(bytes, {}, start);
}
