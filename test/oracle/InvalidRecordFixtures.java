package oracle;

import static oracle.Batch.RECORDS_AT;
import static oracle.Batch.RECORD_COUNT_AT;
import static oracle.Batch.TIMESTAMP;
import static oracle.Batch.entries;
import static oracle.Batch.plain;
import static oracle.Batch.withByte;
import static oracle.Batch.withInt;
import static oracle.Batch.withLength;
import static oracle.Bytes.concat;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32;
import oracle.Batch.Entry;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.CompressionType;

/** records-invalid.jsonl: broken batches, and what Java says to each. */
final class InvalidRecordFixtures {
    private static final int CRC_AT = 17;
    private static final int MAGIC_AT = 16;
    private static final int CODEC_AT = 22;

    private final RecordCases cases;
    private final byte[] good = plain().with(entries(3));

    private InvalidRecordFixtures(RecordCases cases) {
        this.cases = cases;
    }

    static void write(Path dir) throws IOException {
        try (PrintWriter out = Bytes.open(dir, "records-invalid.jsonl")) {
            RecordCases cases = new RecordCases(out);
            InvalidRecordFixtures fixtures = new InvalidRecordFixtures(cases);
            fixtures.batchHeaders();
            fixtures.counts();
            fixtures.recordFields();
            fixtures.compressed();
            fixtures.oldFormats();
            cases.report("records-invalid");
        }
    }

    /** A copy of the good batch with one byte replaced, and its CRC left as it was. */
    private byte[] spoiled(int position, int value) {
        byte[] batch = good.clone();
        batch[position] = (byte) value;
        return batch;
    }

    private void batchHeaders() throws IOException {
        cases.add("zero-padding", "a good batch, then 16 zero bytes: a size of 0 is corrupt, not a partial batch", true,
            () -> concat(good, new byte[16]));
        cases.add("crc-mismatch", "valid=false; Java still iterates if not asked to check", true,
            () -> spoiled(CRC_AT, good[CRC_AT] ^ 1));
        cases.add("magic3", null, true, () -> spoiled(MAGIC_AT, 3));
        cases.add("magic-negative", null, true, () -> spoiled(MAGIC_AT, -1));
        cases.add("codec5", null, true, () -> withByte(good.clone(), CODEC_AT, good[CODEC_AT] | 5));
        cases.add("codec7", null, true, () -> withByte(good.clone(), CODEC_AT, good[CODEC_AT] | 7));
        cases.add("length-too-small", "batchLength below the header overhead", true, () -> withLength(good.clone(), 10));
        cases.add("length-13", "batchLength smaller than LegacyRecord.RECORD_OVERHEAD_V0 (14)", true,
            () -> withLength(good.clone(), 13));
        cases.add("length-negative", null, true, () -> withLength(good.clone(), -1));
        cases.add("v2-length-20", "v2 batch with length under 49", true, () -> withLength(good.clone(), 20));
    }

    private void counts() throws IOException {
        cases.add("record-count-too-high", null, true, () -> withInt(good.clone(), RECORD_COUNT_AT, 4));
        cases.add("record-count-too-low", null, true, () -> withInt(good.clone(), RECORD_COUNT_AT, 2));
        cases.add("record-count-negative", null, true, () -> withInt(good.clone(), RECORD_COUNT_AT, -1));
        cases.add("record-length-too-high", null, true, () -> withByte(good.clone(), RECORDS_AT, 0x7e));
        cases.add("record-length-too-low", null, true, () -> withByte(good.clone(), RECORDS_AT, good[RECORDS_AT] - 2));
        cases.add("record-length-negative", null, true, () -> withByte(good.clone(), RECORDS_AT, 1));
    }

    private void recordFields() throws IOException {
        byte[] single = plain().with(entries(1));
        cases.add("header-count-negative", "last byte of the record = zigzag(-1)", true,
            () -> withByte(single.clone(), single.length - 1, 1));
        cases.add("header-count-too-high", null, true, () -> withByte(single.clone(), single.length - 1, 2));
        cases.add("header-key-null", "header key length -1", true,
            () -> {
                byte[] batch = plain().with(new Entry(null, null, TIMESTAMP, new RecordHeader("", null)));
                return withByte(batch, batch.length - 2, 1);
            });
        cases.add("key-length-minus-2", "lengths below -1: read as null", true,
            () -> withByte(plain().with(new Entry(null, null, TIMESTAMP)), RECORDS_AT + 4, 3));
    }

    private void compressed() throws IOException {
        cases.add("gzip-corrupt", null, true, () -> withByte(compressed(CompressionType.GZIP), RECORDS_AT, 0));
        cases.add("snappy-corrupt", null, true, () -> withByte(compressed(CompressionType.SNAPPY), RECORDS_AT + 19, 0xff));
        cases.add("lz4-corrupt-descriptor-checksum", null, true,
            () -> {
                byte[] batch = compressed(CompressionType.LZ4);
                return withByte(batch, RECORDS_AT + 6, batch[RECORDS_AT + 6] ^ 1);
            });
        cases.add("zstd-corrupt", null, true, () -> withByte(compressed(CompressionType.ZSTD), RECORDS_AT, 0));
        cases.add("compressed-but-empty-payload", "gzip flag, recordCount 1, zero payload bytes", true,
            () -> Batch.repacked(plain().with(entries(1)), 1, new byte[0]));
    }

    private static byte[] compressed(CompressionType codec) {
        return Batch.of(2, codec).with(entries(3));
    }

    private void oldFormats() throws IOException {
        cases.add("magic1-crc-mismatch", null, true,
            () -> {
                byte[] message = new Batch(1, Compression.NONE).with(entries(1));
                message[12] ^= 1;
                return message;
            });
        cases.add("magic1-zstd", "zstd is illegal below magic 2", true,
            () -> {
                byte[] message = Batch.of(1, CompressionType.GZIP).with(entries(1));
                message[17] = (byte) (message[17] & ~7 | 4);
                CRC32 crc = new CRC32();
                crc.update(message, 16, message.length - 16);
                ByteBuffer.wrap(message).putInt(12, (int) crc.getValue());
                return message;
            });
    }
}
