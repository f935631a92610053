package oracle;

import static oracle.Bytes.NODES;
import static oracle.Bytes.b64;
import static oracle.Bytes.hex;
import static oracle.Bytes.object;
import static oracle.Bytes.unhex;
import static oracle.Bytes.utf8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;
import org.apache.kafka.common.security.scram.internals.ScramMessages;
import org.apache.kafka.common.utils.Utils;

/** primitives.jsonl: varints, uuids, floats, partitions of keys, SCRAM exchanges, the assignors' user data. */
final class PrimitiveFixtures {
    private static final long[] INTEGERS = {
        0, 1, -1, 2, -2, 63, 64, -64, -65, 127, 128, -128, 255, 256, 8191, 8192, -8192, -8193, 16383, 16384,
        1048575, 1048576, 2097151, 2097152, 134217727, 134217728, 268435455, 268435456,
        Integer.MAX_VALUE, Integer.MIN_VALUE, 4294967295L, 4294967296L,
        9007199254740991L, 9007199254740993L, -9007199254740993L, Long.MAX_VALUE, Long.MIN_VALUE
    };
    /** Overlong, overflowing and endless varints. */
    private static final String[] ODD_VARINTS = {
        "80", "8000", "ffffffff0f", "ffffffff1f", "ffffffff7f", "808080808000", "ffffffffff01",
        "8080808080808080808001", "ffffffffffffffffff01", "ffffffffffffffffff7f", "ffffffffffffffffffff01"
    };
    private static final double[] FLOATS = {
        0.0, -0.0, 1.5, Double.MAX_VALUE, Double.MIN_VALUE, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
    };
    private static final int[] PARTITION_COUNTS = {1, 2, 3, 12, 100, 1000};
    private static final String[][] CREDENTIALS = {{"user", "pencil"}, {"us=er,x", "p\u00e4ss \u00aa\u2168"}};
    private static final int ITERATIONS = 4096;

    private final PrintWriter out;
    private int count = 0;

    private PrimitiveFixtures(PrintWriter out) {
        this.out = out;
    }

    static void write(Path dir) throws Exception {
        try (PrintWriter out = Bytes.open(dir, "primitives.jsonl")) {
            PrimitiveFixtures fixtures = new PrimitiveFixtures(out);
            fixtures.encodedVarints();
            fixtures.decodedVarints();
            Rng rng = new Rng("uuid"); // one stream for the uuids and the keys after them
            fixtures.uuids(rng);
            fixtures.floats();
            fixtures.keys(rng);
            for (ScramMechanism mechanism : ScramMechanism.values())
                for (String[] credentials : CREDENTIALS) fixtures.line(scram(mechanism, credentials[0], credentials[1]));
            fixtures.assignorUserData();
            Report.line("primitives: %d", fixtures.count);
        }
    }

    private void line(ObjectNode line) {
        out.println(line);
        count++;
    }

    private void encodedVarints() {
        for (long value : INTEGERS) {
            ByteBuffer buffer = ByteBuffer.allocate(16);
            ByteBufferAccessor writer = new ByteBufferAccessor(buffer);
            writer.writeVarlong(value);
            line(object("type", "varlong", "value", "" + value, "hex", hex(buffer.flip())));
            if (value != (int) value) continue;
            buffer.clear();
            writer.writeVarint((int) value);
            line(object("type", "varint", "value", "" + value, "hex", hex(buffer.flip())));
            buffer.clear();
            writer.writeUnsignedVarint((int) value);
            line(object("type", "uvarint", "value", "" + (value & 0xffffffffL), "hex", hex(buffer.flip())));
        }
    }

    private void decodedVarints() {
        for (String hex : ODD_VARINTS) {
            for (String type : new String[] {"uvarint", "varint", "varlong"}) {
                ByteBuffer buffer = ByteBuffer.wrap(unhex(hex));
                ObjectNode line = object("type", "decode-" + type, "hex", hex);
                try {
                    line.put("value", decodeVarint(type, new ByteBufferAccessor(buffer))).put("consumed", buffer.position());
                } catch (RuntimeException e) {
                    line.put("error", e.getClass().getSimpleName() + ": " + e.getMessage());
                }
                line(line);
            }
        }
    }

    private static String decodeVarint(String type, ByteBufferAccessor reader) {
        return switch (type) {
            case "uvarint" -> "" + (reader.readUnsignedVarint() & 0xffffffffL);
            case "varint" -> "" + reader.readVarint();
            default -> "" + reader.readVarlong();
        };
    }

    private void uuids(Rng rng) {
        Uuid[] uuids = {
            Uuid.ZERO_UUID, Uuid.ONE_UUID, new Uuid(-1, -1), new Uuid(rng.next(), rng.next()), new Uuid(0xf800000000000000L, 1)};
        for (Uuid uuid : uuids) {
            ByteBuffer buffer = ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
            line(object("type", "uuid", "value", uuid.toString(), "hex", hex(buffer.flip())));
        }
    }

    private void floats() {
        for (double value : FLOATS) {
            ByteBuffer buffer = ByteBuffer.allocate(8);
            new ByteBufferAccessor(buffer).writeDouble(value);
            line(object("type", "float64", "value", "" + value, "hex", hex(buffer.flip())));
        }
    }

    private void keys(Rng rng) {
        for (int i = 0; i < 40; i++) {
            byte[] key;
            if (i == 0) key = new byte[0];
            else if (i < 12) key = utf8("key-" + i);
            else if (i < 20) key = utf8("k\u00e4\u6f22\ud83d\ude00".repeat(i - 11));
            else key = rng.bytes(i - 19);
            CRC32C crc = new CRC32C();
            crc.update(key);
            ObjectNode line = object("type", "key", "hex", hex(key)).put("murmur2", Utils.murmur2(key))
                .put("crc32c", crc.getValue());
            ObjectNode partitions = line.putObject("partition");
            for (int n : PARTITION_COUNTS) partitions.put("" + n, BuiltInPartitioner.partitionForKey(key, n));
            line(line);
        }
    }

    private static ObjectNode scram(ScramMechanism mechanism, String user, String password) throws Exception {
        ScramFormatter formatter = new ScramFormatter(mechanism);
        byte[] salt = utf8("0123456789abcdef");
        byte[] salted = formatter.saltedPassword(password, salt, ITERATIONS);
        var clientFirst = new ScramMessages.ClientFirstMessage(ScramFormatter.saslName(user), "clientnonce", Map.of());
        var serverFirst = new ScramMessages.ServerFirstMessage("clientnonce", "servernonce", salt, ITERATIONS);
        var clientFinal = new ScramMessages.ClientFinalMessage(utf8("n,,"), "clientnonceservernonce");
        byte[] proof = formatter.clientProof(salted, clientFirst, serverFirst, clientFinal);
        clientFinal.proof(proof);
        byte[] clientKey = formatter.clientKey(salted);
        byte[] serverKey = formatter.serverKey(salted);
        ObjectNode line = NODES.objectNode();
        line.put("type", "scram").put("mechanism", mechanism.mechanismName()).put("user", user).put("password", password);
        line.put("salt", b64(salt)).put("iterations", ITERATIONS);
        line.put("clientFirst", text(clientFirst.toBytes())).put("serverFirst", text(serverFirst.toBytes()))
            .put("clientFinal", text(clientFinal.toBytes()));
        line.put("saltedPassword", b64(salted)).put("clientKey", b64(clientKey))
            .put("storedKey", b64(formatter.storedKey(clientKey)));
        line.put("serverKey", b64(serverKey)).put("clientProof", b64(proof));
        return line.put("serverSignature", b64(formatter.serverSignature(serverKey, clientFirst, serverFirst, clientFinal)));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @SuppressWarnings("removal") // no other constructor takes just these
    private void assignorUserData() {
        Assignment assignment = new Assignment(
            List.of(new TopicPartition("t1", 0), new TopicPartition("t1", 2), new TopicPartition("t2", 1)));
        ConsumerGroupMetadata group = new ConsumerGroupMetadata("g", 5, "member", Optional.empty());
        CooperativeStickyAssignor cooperative = new CooperativeStickyAssignor();
        cooperative.onAssignment(assignment, group);
        userData(cooperative.name(), "generation 5", cooperative.subscriptionUserData(Set.of("t1", "t2")));
        StickyAssignor sticky = new StickyAssignor();
        sticky.onAssignment(assignment, group);
        userData(sticky.name(), "t1:[0,2] t2:[1] generation 5", sticky.subscriptionUserData(Set.of("t1", "t2")));
    }

    private void userData(String assignor, String value, ByteBuffer bytes) {
        line(object("type", "assignor-userdata", "assignor", assignor, "value", value, "hex", hex(bytes)));
    }
}
