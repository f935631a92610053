package oracle;

import static oracle.Bytes.toArray;
import static oracle.Bytes.utf8;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * A record batch for the records fields of messages. By reflection, because the records classes moved: up to 4.2 they are in
 * {@code common.record}, later in {@code common.record.internal}, and the messages part must run against both.
 */
final class SmallBatch {
    private SmallBatch() {}

    static byte[] of(long baseOffset, int count) {
        try {
            Class<?> recordClass = recordsClass("SimpleRecord");
            Object records = Array.newInstance(recordClass, count);
            var constructor = recordClass.getConstructor(long.class, byte[].class, byte[].class, Header[].class);
            for (int i = 0; i < count; i++) {
                Header[] headers = {new RecordHeader("h", utf8("x"))};
                Array.set(records, i, constructor.newInstance(1700000000000L + i, utf8("k" + i), utf8("v" + i), headers));
            }
            var withRecords =
                recordsClass("MemoryRecords").getMethod("withRecords", long.class, Compression.class, records.getClass());
            Object batch = withRecords.invoke(null, baseOffset, Compression.NONE, records);
            return toArray((ByteBuffer) Messages.get(batch, "buffer"));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Class<?> recordsClass(String name) throws ClassNotFoundException {
        try {
            return Class.forName("org.apache.kafka.common.record.internal." + name);
        } catch (ClassNotFoundException e) {
            return Class.forName("org.apache.kafka.common.record." + name);
        }
    }
}
