package oracle;

import static oracle.Bytes.concat;
import static oracle.Bytes.toArray;
import static oracle.Bytes.utf8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;

/** A batch to be built by Java's builder, and what can be done to its bytes afterwards. */
final class Batch {
    static final long TIMESTAMP = 1700000000000L;

    private static final int LENGTH_AT = 8;
    private static final int LENGTH_FROM = 12;
    private static final int CRC_AT = 17;
    static final int ATTRIBUTES_AT = 21;
    static final int LAST_OFFSET_DELTA_AT = 23;
    static final int RECORD_COUNT_AT = 57;
    /** Where the records start in a batch of magic 2. */
    static final int RECORDS_AT = 61;

    private final byte magic;
    private final Compression compression;
    private TimestampType timestampType = TimestampType.CREATE_TIME;
    private long baseOffset = 0;
    private long logAppendTime = RecordBatch.NO_TIMESTAMP;
    private long producerId = -1;
    private short producerEpoch = -1;
    private int baseSequence = -1;
    private boolean transactional = false;
    private int leaderEpoch = -1;

    /** A record before it is in a batch. */
    record Entry(byte[] key, byte[] value, long timestamp, Header... headers) {}

    Batch(int magic, Compression compression) {
        this.magic = (byte) magic;
        this.compression = compression;
    }

    /** Magic 2, not compressed. */
    static Batch plain() {
        return new Batch(2, Compression.NONE);
    }

    static Batch of(int magic, CompressionType type) {
        return new Batch(magic, Compression.of(type).build());
    }

    Batch from(long offset) {
        baseOffset = offset;
        return this;
    }

    Batch appendedAt(long timestamp) {
        timestampType = TimestampType.LOG_APPEND_TIME;
        logAppendTime = timestamp;
        return this;
    }

    Batch producer(long id, int epoch, int sequence) {
        producerId = id;
        producerEpoch = (short) epoch;
        baseSequence = sequence;
        return this;
    }

    Batch transactional() {
        transactional = true;
        return this;
    }

    Batch leaderEpoch(int epoch) {
        leaderEpoch = epoch;
        return this;
    }

    byte[] with(Entry... entries) {
        return with(List.of(entries));
    }

    byte[] with(List<Entry> entries) {
        return with(entries, null);
    }

    byte[] with(List<Entry> entries, long[] offsets) {
        try (MemoryRecordsBuilder builder = builder()) {
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get(i);
                Header[] headers = magic < 2 ? new Header[0] : entry.headers();
                if (offsets == null) builder.append(entry.timestamp(), entry.key(), entry.value(), headers);
                else builder.appendWithOffset(offsets[i], entry.timestamp(), entry.key(), entry.value(), headers);
            }
            return toArray(builder.build().buffer());
        }
    }

    private MemoryRecordsBuilder builder() {
        return MemoryRecords.builder(
            ByteBuffer.allocate(1 << 20), magic, compression, timestampType, baseOffset, logAppendTime,
            producerId, producerEpoch, baseSequence, transactional, false, leaderEpoch);
    }

    static byte[] endMarker(
        long offset, int leaderEpoch, long producerId, int producerEpoch, ControlRecordType type, int coordinatorEpoch) {
        EndTransactionMarker marker = new EndTransactionMarker(type, coordinatorEpoch);
        short epoch = (short) producerEpoch;
        return toArray(MemoryRecords.withEndTransactionMarker(offset, TIMESTAMP, leaderEpoch, producerId, epoch, marker).buffer());
    }

    /** Records that between them have every null, empty and odd thing that a record may have. */
    static List<Entry> oddEntries(boolean withHeaders) {
        byte[] all = Bytes.everyByte();
        List<Entry> list = new ArrayList<>();
        list.add(new Entry(null, null, TIMESTAMP));
        list.add(new Entry(new byte[0], new byte[0], TIMESTAMP + 1));
        list.add(new Entry(utf8("k"), utf8("v"), TIMESTAMP + 2));
        // Timestamps need not increase.
        list.add(new Entry(utf8("k\u00e4\u6f22\ud83d\ude00"), utf8("\u0000\ufeff\uffffv\ud83d\ude00"), TIMESTAMP));
        list.add(new Entry(utf8("tombstone"), null, TIMESTAMP + 60000));
        list.add(new Entry(null, utf8("x".repeat(200)), TIMESTAMP - 5));
        list.add(new Entry(all, all, TIMESTAMP + 3));
        if (!withHeaders) return list;
        list.add(new Entry(utf8("h1"), utf8("one"), TIMESTAMP, new RecordHeader("h", utf8("v"))));
        list.add(
            new Entry(
                utf8("h2"), utf8("dup/null/empty"), TIMESTAMP,
                new RecordHeader("h", utf8("1")), new RecordHeader("h", utf8("2")), new RecordHeader("h", (byte[]) null),
                new RecordHeader("", new byte[0]), new RecordHeader("\u00e4\ud83d\ude00", all)));
        list.add(new Entry(null, null, TIMESTAMP, new RecordHeader("only-header", (byte[]) null)));
        return list;
    }

    static List<Entry> entries(int count) {
        List<Entry> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] key = i % 3 == 0 ? null : utf8("key-" + i);
            list.add(new Entry(key, utf8("value-" + i + "-" + "abc".repeat(i % 7)), TIMESTAMP + i * 10L));
        }
        return list;
    }

    /** Puts an already compressed records section into an uncompressed batch of magic 2; mends attributes, length and CRC. */
    static byte[] repacked(byte[] batch, int codec, byte[] payload) {
        byte[] out = concat(Arrays.copyOf(batch, RECORDS_AT), payload);
        ByteBuffer buffer = ByteBuffer.wrap(out);
        buffer.putInt(LENGTH_AT, out.length - LENGTH_FROM);
        buffer.putShort(ATTRIBUTES_AT, (short) (buffer.getShort(ATTRIBUTES_AT) & ~7 | codec));
        return withCrc(out);
    }

    static byte[] withLength(byte[] batch, int length) {
        ByteBuffer.wrap(batch).putInt(LENGTH_AT, length);
        return batch;
    }

    /** Sets one byte and mends the CRC, so that nothing but the byte itself can be at fault. */
    static byte[] withByte(byte[] batch, int position, int value) {
        batch[position] = (byte) value;
        return withCrc(batch);
    }

    static byte[] withInt(byte[] batch, int position, int value) {
        ByteBuffer.wrap(batch).putInt(position, value);
        return withCrc(batch);
    }

    static byte[] withAttributes(byte[] batch, int bits) {
        ByteBuffer buffer = ByteBuffer.wrap(batch);
        buffer.putShort(ATTRIBUTES_AT, (short) (buffer.getShort(ATTRIBUTES_AT) | bits));
        return withCrc(batch);
    }

    static byte[] withCrc(byte[] batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch, ATTRIBUTES_AT, batch.length - ATTRIBUTES_AT);
        ByteBuffer.wrap(batch).putInt(CRC_AT, (int) crc.getValue());
        return batch;
    }
}
