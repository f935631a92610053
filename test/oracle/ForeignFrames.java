package oracle;

import static oracle.Bytes.concat;
import static oracle.Bytes.unhex;
import static oracle.Bytes.utf8;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits;
import net.jpountz.xxhash.XXHashFactory;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyOutputStream;

/** Compressed records as other writers than Java's producer frame them. */
final class ForeignFrames {
    private static final int GZIP = 1;
    private static final int SNAPPY = 2;
    private static final int LZ4 = 3;
    private static final int ZSTD = 4;
    /** Where the frames that consist of two parts are cut. */
    private static final int CUT = 100;

    private final RecordCases cases;
    private final byte[] batch = Batch.plain().with(Batch.entries(40));
    private final byte[] records = Arrays.copyOfRange(batch, Batch.RECORDS_AT, batch.length);
    private final byte[] head = Arrays.copyOf(records, CUT);
    private final byte[] tail = Arrays.copyOfRange(records, CUT, records.length);

    private ForeignFrames(RecordCases cases) {
        this.cases = cases;
    }

    static void add(RecordCases cases) throws IOException {
        ForeignFrames frames = new ForeignFrames(cases);
        frames.gzip();
        frames.snappy();
        frames.lz4();
        frames.zstd();
    }

    private interface Payload {
        byte[] bytes() throws IOException;
    }

    private void add(String name, String note, int codec, Payload payload) throws IOException {
        cases.add("foreign/" + name, note, false, () -> Batch.repacked(batch, codec, payload.bytes()));
    }

    private void gzip() throws IOException {
        add("gzip-multi-member", "two concatenated gzip members", GZIP, () -> concat(gzipped(head), gzipped(tail)));
        add("gzip-trailing-garbage", null, GZIP, () -> concat(gzipped(records), utf8("garbage")));
    }

    private void snappy() throws IOException {
        add("snappy-raw", "raw snappy block without the xerial header (what librdkafka, Go and C++ clients send)", SNAPPY,
            () -> Snappy.compress(records));
        add("snappy-xerial-1k-blocks", "xerial framing, 1 KiB blocks", SNAPPY, () -> xerial(records));
        add("snappy-xerial-concatenated", "two xerial streams back to back (header repeated)", SNAPPY,
            () -> concat(xerial(head), xerial(tail)));
    }

    private void lz4() throws IOException {
        Bits independent = Bits.BLOCK_INDEPENDENCE;
        add("lz4-content-checksum", null, LZ4, () -> lz4(records, BLOCKSIZE.SIZE_64KB, -1, independent, Bits.CONTENT_CHECKSUM));
        add("lz4-block-checksum", null, LZ4, () -> lz4(records, BLOCKSIZE.SIZE_256KB, -1, independent, Bits.BLOCK_CHECKSUM));
        add("lz4-content-size", null, LZ4, () -> lz4(records, BLOCKSIZE.SIZE_4MB, records.length, independent, Bits.CONTENT_SIZE));
        add("lz4-all-flags", null, LZ4,
            () ->
                lz4(
                    records, BLOCKSIZE.SIZE_1MB, records.length,
                    independent, Bits.CONTENT_SIZE, Bits.CONTENT_CHECKSUM, Bits.BLOCK_CHECKSUM));
        add("lz4-two-frames", "concatenated frames", LZ4,
            () -> concat(lz4(head, BLOCKSIZE.SIZE_64KB, -1, independent), lz4(tail, BLOCKSIZE.SIZE_64KB, -1, independent)));
        add("lz4-dependent-blocks-flag", "FLG block-independence bit clear (single block)", LZ4,
            () -> {
                byte[] frame = lz4(records, BLOCKSIZE.SIZE_64KB, -1, independent);
                frame[4] &= ~0x20;
                // The descriptor's checksum.
                frame[6] = (byte) (XXHashFactory.fastestJavaInstance().hash32().hash(frame, 4, 2, 0) >> 8);
                return frame;
            });
    }

    private void zstd() throws IOException {
        add("zstd-with-content-size", "one-shot frame", ZSTD, () -> Zstd.compress(records, 3));
        add("zstd-checksum", "frame checksum flag set", ZSTD,
            () -> {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                try (ZstdOutputStream stream = new ZstdOutputStream(out)) {
                    stream.setChecksum(true);
                    stream.write(records);
                }
                return out.toByteArray();
            });
        add("zstd-two-frames", null, ZSTD, () -> concat(Zstd.compress(head), Zstd.compress(tail)));
        add("zstd-skippable-frame", "skippable frame first", ZSTD,
            () -> concat(unhex("502a4d1803000000aabbcc"), Zstd.compress(records)));
    }

    private static byte[] gzipped(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream stream = new GZIPOutputStream(out)) {
            stream.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] xerial(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream stream = new SnappyOutputStream(out, 1024)) {
            stream.write(bytes);
        }
        return out.toByteArray();
    }

    /** A content size below 0 is not written. */
    private static byte[] lz4(byte[] bytes, BLOCKSIZE blockSize, long contentSize, Bits... flags) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream stream =
            contentSize >= 0
                ? new LZ4FrameOutputStream(out, blockSize, contentSize, flags) : new LZ4FrameOutputStream(out, blockSize, flags)) {
            stream.write(bytes);
        }
        return out.toByteArray();
    }
}
