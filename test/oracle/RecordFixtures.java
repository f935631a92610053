package oracle;

import static oracle.Batch.TIMESTAMP;
import static oracle.Batch.endMarker;
import static oracle.Batch.entries;
import static oracle.Batch.oddEntries;
import static oracle.Batch.plain;
import static oracle.Bytes.concat;
import static oracle.Bytes.toArray;
import static oracle.Bytes.utf8;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import oracle.Batch.Entry;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.KRaftVersionRecord;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.message.SnapshotFooterRecord;
import org.apache.kafka.common.message.SnapshotHeaderRecord;
import org.apache.kafka.common.message.VotersRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** records.jsonl: what stands in the records fields of Produce and Fetch, in all three formats. */
final class RecordFixtures {
    private final RecordCases cases;

    private RecordFixtures(RecordCases cases) {
        this.cases = cases;
    }

    static void write(Path dir, Selection selection) throws IOException {
        try (PrintWriter out = Bytes.open(dir, "records.jsonl")) {
            RecordCases cases = new RecordCases(out);
            RecordFixtures fixtures = new RecordFixtures(cases);
            fixtures.everyMagicAndCodec();
            if (selection.largeRecords) fixtures.large();
            fixtures.compressionLevels();
            fixtures.producerState();
            fixtures.controlBatches();
            fixtures.offsets();
            fixtures.timestampsAndAttributes();
            fixtures.sets();
            ForeignFrames.add(cases);
            cases.report("records");
        }
        InvalidRecordFixtures.write(dir);
    }

    private void everyMagicAndCodec() throws IOException {
        for (int i = 0; i <= 2; i++) {
            for (CompressionType codec : CompressionType.values()) {
                int magic = i;
                boolean exact = codec == CompressionType.NONE;
                String prefix = "magic" + magic + "/" + codec.name + "/";
                cases.add(prefix + "basic", null, exact, () -> Batch.of(magic, codec).with(oddEntries(magic == 2)));
                cases.add(prefix + "single", null, exact, () -> Batch.of(magic, codec).from(5).with(entries(1)));
                cases.add(prefix + "n100", null, exact, () -> Batch.of(magic, codec).from(9007199254740993L).with(entries(100)));
                cases.add(prefix + "zero-records", "builder with no appended record: builds to 0 bytes", exact,
                    () -> Batch.of(magic, codec).with());
                if (magic > 0)
                    cases.add(prefix + "log-append-time",
                        "record timestamps must read as the batch maxTimestamp / wrapper timestamp", exact,
                        () -> Batch.of(magic, codec).from(3).appendedAt(TIMESTAMP + 777).with(oddEntries(magic == 2)));
                if (magic < 2)
                    cases.add(prefix + "gap-offsets", "compacted inner offsets", exact,
                        () -> Batch.of(magic, codec).from(10).with(entries(4), new long[] {10, 12, 13, 20}));
            }
        }
    }

    /** Several blocks of each codec. */
    private void large() throws IOException {
        byte[] compressible = utf8("the quick brown fox ".repeat(10000));
        byte[] incompressible = new Rng("incompressible").bytes(70000); // makes codecs write stored blocks
        for (CompressionType codec : CompressionType.values()) {
            if (codec == CompressionType.NONE) continue;
            String prefix = "magic2/" + codec.name + "/large-";
            cases.add(prefix + "compressible", null, false,
                () ->
                    Batch.of(2, codec)
                        .with(new Entry(null, compressible, TIMESTAMP), new Entry(utf8("k"), compressible, TIMESTAMP)));
            cases.add(prefix + "incompressible", null, false,
                () -> Batch.of(2, codec).with(new Entry(null, incompressible, TIMESTAMP)));
        }
    }

    private void compressionLevels() throws IOException {
        cases.add("magic2/gzip/level9", null, false, () -> new Batch(2, Compression.gzip().level(9).build()).with(entries(20)));
        cases.add("magic2/lz4/level17", null, false, () -> new Batch(2, Compression.lz4().level(17).build()).with(entries(20)));
        cases.add("magic2/zstd/level19", null, false, () -> new Batch(2, Compression.zstd().level(19).build()).with(entries(20)));
        cases.add("magic2/zstd/level-5", null, false, () -> new Batch(2, Compression.zstd().level(-5).build()).with(entries(20)));
    }

    private void producerState() throws IOException {
        for (CompressionType codec : CompressionType.values()) {
            boolean exact = codec == CompressionType.NONE;
            cases.add("idempotent/" + codec.name, null, exact,
                () -> Batch.of(2, codec).producer(4001, 7, 42).with(oddEntries(true)));
            cases.add("transactional/" + codec.name, null, exact,
                () ->
                    Batch.of(2, codec)
                        .producer(Long.MAX_VALUE, Short.MAX_VALUE, 0).transactional().leaderEpoch(3).with(entries(3)));
        }
        cases.add("idempotent/sequence-wrap", "baseSequence 2147483646 + 3 records wraps to 0 after 2147483647", true,
            () -> plain().producer(1, 0, Integer.MAX_VALUE - 1).with(entries(3)));
    }

    private void controlBatches() throws IOException {
        cases.add("control/commit", null, true, () -> endMarker(100, 5, 4001, 7, ControlRecordType.COMMIT, 9));
        cases.add("control/abort", null, true, () -> endMarker(101, 5, 4001, 7, ControlRecordType.ABORT, 0));
        LeaderChangeMessage leaderChange =
            new LeaderChangeMessage().setLeaderId(1).setVoters(List.of(new LeaderChangeMessage.Voter().setVoterId(1)));
        cases.add("control/leader-change", "KRaft only; a consumer must skip it", true,
            () -> bytes(MemoryRecords.withLeaderChangeMessage(0, TIMESTAMP, 1, ByteBuffer.allocate(1024), leaderChange)));
        SnapshotHeaderRecord snapshotHeader = new SnapshotHeaderRecord().setLastContainedLogTimestamp(TIMESTAMP);
        cases.add("control/snapshot-header", null, true,
            () -> bytes(MemoryRecords.withSnapshotHeaderRecord(0, TIMESTAMP, 1, ByteBuffer.allocate(1024), snapshotHeader)));
        SnapshotFooterRecord snapshotFooter = new SnapshotFooterRecord();
        cases.add("control/snapshot-footer", null, true,
            () -> bytes(MemoryRecords.withSnapshotFooterRecord(0, TIMESTAMP, 1, ByteBuffer.allocate(1024), snapshotFooter)));
        KRaftVersionRecord kraftVersion = new KRaftVersionRecord().setKRaftVersion((short) 1);
        cases.add("control/kraft-version", null, true,
            () -> bytes(MemoryRecords.withKRaftVersionRecord(0, TIMESTAMP, 1, ByteBuffer.allocate(1024), kraftVersion)));
        cases.add("control/kraft-voters", null, true,
            () -> bytes(MemoryRecords.withVotersRecord(0, TIMESTAMP, 1, ByteBuffer.allocate(1024), new VotersRecord())));
        cases.add("control/unknown-type", "key = version 0, type 99: must be skipped, not fail", true,
            RecordFixtures::unknownControlType);
        cases.add("txn-stream/commit-and-abort", "data(pid1) data(pid2) abort(pid2) commit(pid1) plain", true,
            () -> concat(
                plain().producer(1, 0, 0).transactional().leaderEpoch(0).with(entries(2)),
                plain().from(2).producer(2, 0, 0).transactional().leaderEpoch(0).with(entries(2)),
                endMarker(4, 0, 2, 0, ControlRecordType.ABORT, 1),
                endMarker(5, 0, 1, 0, ControlRecordType.COMMIT, 1),
                plain().from(6).with(entries(1))));
    }

    private static byte[] bytes(MemoryRecords records) {
        return toArray(records.buffer());
    }

    private static byte[] unknownControlType() {
        byte[] batch = endMarker(100, 5, 4001, 7, ControlRecordType.COMMIT, 9);
        int at = batch.length - 1; // the last byte of the control key 00 00 00 01
        while (!(batch[at - 3] == 0 && batch[at - 2] == 0 && batch[at - 1] == 0 && batch[at] == 1)) at--;
        return Batch.withByte(batch, at, 99);
    }

    private void offsets() throws IOException {
        cases.add("v2/empty-batch",
            "recordCount 0, lastOffsetDelta 5: what compaction leaves; advances the position to lastOffset+1", true,
            () -> {
                ByteBuffer buffer = ByteBuffer.allocate(Batch.RECORDS_AT);
                DefaultRecordBatch.writeEmptyHeader(buffer, (byte) 2, 4001L, (short) 7, 42, 100L, 105L, 3,
                    TimestampType.CREATE_TIME, TIMESTAMP, true, false);
                return toArray(buffer.flip());
            });
        cases.add("v2/partition-leader-epoch", "partitionLeaderEpoch is outside the CRC", true,
            () -> plain().leaderEpoch(Integer.MAX_VALUE).with(entries(1)));
        cases.add("v2/offset-gaps", "offsetDelta 0,5,2147483647", true,
            () -> plain().from(1000).with(entries(3), new long[] {1000, 1005, 1000L + Integer.MAX_VALUE}));
        cases.add("v2/offset-delta-overflow", "offsetDelta 2147483648", true,
            () -> plain().with(entries(2), new long[] {0, 1L + Integer.MAX_VALUE}));
        cases.add("v2/offset-not-increasing", null, true, () -> plain().with(entries(2), new long[] {5, 5}));
        cases.add("v2/base-offset-max", null, true, () -> plain().from(Long.MAX_VALUE - 2).with(entries(2)));
        cases.add("v2/last-offset-beyond-records", "lastOffsetDelta 9 with 2 records (tail compacted away)", true,
            () -> Batch.withInt(plain().from(50).with(entries(2)), Batch.LAST_OFFSET_DELTA_AT, 9));
    }

    private void timestampsAndAttributes() throws IOException {
        cases.add("v2/timestamps-extreme", "deltas: 0, Long.MAX, -1 (= no timestamp), 0", true,
            () -> plain().with(at(null, 0), at(null, Long.MAX_VALUE), at(null, -1), at(null, 0)));
        cases.add("v2/timestamp-delta-wrap",
            "base -1, then Long.MAX_VALUE: delta wraps to Long.MIN_VALUE (10-byte varlong); "
                + "two's complement addition restores it",
            true,
            () -> plain().with(at(null, -1), at(null, Long.MAX_VALUE)));
        cases.add("v2/timestamp-negative", "builder refuses timestamps below -1", true, () -> plain().with(at(null, -2)));
        cases.add("v2/no-timestamp", "all -1", true, () -> plain().with(at("a", -1), at("b", -1)));
        cases.add("v2/delete-horizon",
            "attribute bit 6: baseTimestamp field holds the delete horizon; record deltas still add to it", true,
            () -> Batch.withAttributes(plain().with(entries(2)), 0x40));
        cases.add("v2/unknown-attribute-bits", "bits 7..15 set: Java ignores them", true,
            () -> Batch.withAttributes(plain().with(entries(1)), 0xff80));
        cases.add("v2/record-attributes-nonzero", "per-record attributes byte is unused and ignored", true,
            () -> Batch.withByte(plain().with(entries(1)), Batch.RECORDS_AT + 1, 0x55));
        cases.add("v2/big-lengths", "key 127/128 bytes, value 16384 bytes, 130 headers: multi-byte varints", true,
            () -> {
                Header[] headers = new Header[130];
                for (int i = 0; i < headers.length; i++) headers[i] = new RecordHeader("h" + i, utf8("" + i));
                return plain().with(
                    new Entry(utf8("k".repeat(63)), utf8("v".repeat(64)), TIMESTAMP),
                    new Entry(utf8("k".repeat(127)), utf8("v".repeat(128)), TIMESTAMP),
                    at("v".repeat(8191), TIMESTAMP),
                    at("v".repeat(16384), TIMESTAMP),
                    new Entry(null, null, TIMESTAMP, headers));
            });
    }

    private static Entry at(String value, long timestamp) {
        return new Entry(null, value == null ? null : utf8(value), timestamp);
    }

    /** Several batches in one records field, the last of them not always whole. */
    private void sets() throws IOException {
        cases.add("set/three-batches-mixed-codecs", null, false,
            () -> concat(
                Batch.of(2, CompressionType.GZIP).with(entries(2)),
                plain().from(2).with(entries(3)),
                Batch.of(2, CompressionType.ZSTD).from(5).with(entries(4))));
        cases.add("set/mixed-magic", "0, 1 and 2 in one set", true,
            () -> concat(
                new Batch(0, Compression.NONE).with(entries(2)),
                new Batch(1, Compression.NONE).from(2).with(entries(2)),
                plain().from(4).with(entries(2))));
        cases.add("set/truncated-tail", "Fetch may end in a partial batch: ignore it", true,
            () -> {
                byte[] tail = plain().from(2).with(entries(9));
                return concat(plain().with(entries(2)), Arrays.copyOf(tail, tail.length - 10));
            });
        for (int cut : new int[] {1, 11, 12, 16, 17, 60, 61})
            cases.add("set/truncated-in-header-" + cut, "only " + cut + " bytes of the second batch", true,
                () -> concat(plain().with(entries(2)), Arrays.copyOf(plain().from(2).with(entries(2)), cut)));
        cases.add("set/first-batch-truncated", "only a partial batch (max.bytes smaller than the batch on an old broker)", true,
            () -> Arrays.copyOf(plain().with(entries(9)), 80));
        cases.add("set/empty", "zero bytes", true, () -> new byte[0]);
    }
}
