package oracle;

import static oracle.Bytes.NODES;
import static oracle.Bytes.b64;
import static oracle.Bytes.concat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import oracle.Schema.Field;
import org.apache.kafka.common.Uuid;

/**
 * Makes up the canonical JSON of a message, by variant. The order in which it draws from the generator is part of the
 * fixtures: a change of order changes their bytes.
 */
final class ValueGenerator {
    /** What the values of a fixture are like. DEFAULTS is not generated: it is the empty constructor. */
    enum Variant {
        DEFAULTS,
        TYPICAL,
        EMPTY,
        MIN,
        MAX,
        /** Everything that may be null is. */
        NULLS,
        /** Containers are there; strings and bytes that may be null are. */
        NULL_LEAVES,
        /** Lengths around the boundaries of varints. */
        LONG,
        RANDOM1,
        RANDOM2,
        RANDOM3,
        /** A tag that nobody knows, in the header and in every struct. */
        UNKNOWN_TAGS
    }

    private static final String[] STRINGS = {
        "", "a", "topic-0", "\u00e4\u00f6\u00fc", "\u6f22\u5b57", "\ud83d\ude00 emoji", "nul\u0000in", "\ufeffbom",
        "\u0080\u07ff\u0800\uffff", "tab\t\"quote\"\\"
    };
    private static final String ALL_UTF8_LENGTHS = "\u00e4\u6f22\ud83d\ude00\u0000\ufeff\uffff";
    private static final int[] LONG_STRINGS = {126, 127, 128, 300};
    private static final int LONG_BYTES = 16384;
    /** 2^53 + 1: a number that JavaScript cannot hold. */
    private static final long BEYOND_SAFE_INTEGER = 9007199254740993L;

    private final Variant variant;
    private final Rng rng;
    private final int version;
    private int elements = 0;
    private boolean longBytesUsed = false;
    private boolean longArrayUsed = false;

    ValueGenerator(Variant variant, Rng rng, int version) {
        this.variant = variant;
        this.rng = rng;
        this.version = version;
    }

    ObjectNode message(Schema schema) {
        return struct(schema.fields, 0, schema.flexible.has(version));
    }

    private boolean random() {
        return variant.name().startsWith("RANDOM");
    }

    private ObjectNode struct(List<Field> fields, int depth, boolean flexible) {
        ObjectNode out = NODES.objectNode();
        for (Field field : fields) {
            if (!field.versions.has(version)) continue;
            boolean absent = field.isTagged(version) && (variant == Variant.EMPTY || random() && rng.oneIn(2));
            out.set(field.camel, absent ? Canonical.defaultOf(field, version) : value(field, depth, flexible));
        }
        if (variant == Variant.UNKNOWN_TAGS && flexible) {
            ArrayNode tags = out.putArray("_tags");
            tags.addObject().put("tag", 100 + depth).put("data", b64(rng.bytes(depth))); // depth 0: no bytes at all
            tags.addObject().put("tag", 0x1fffff + depth).put("data", b64(rng.bytes(3))); // a tag number of several bytes
        }
        return out;
    }

    private JsonNode value(Field field, int depth, boolean flexible) {
        boolean nullable = field.nullable.has(version);
        if (nullable && variant == Variant.NULLS) return NODES.nullNode();
        if (nullable && variant == Variant.NULL_LEAVES && !field.array && !field.isStruct()) return NODES.nullNode();
        if (nullable && random() && rng.oneIn(4)) return NODES.nullNode();
        if (!field.array) return element(field, depth, flexible);
        ArrayNode list = NODES.arrayNode();
        if (variant == Variant.LONG && field.isStruct() && depth == 0 && !longArrayUsed) {
            longArrayUsed = true;
            ValueGenerator small = new ValueGenerator(Variant.MIN, rng, version);
            for (int i = 0; i < 128; i++) list.add(small.struct(field.sub, 3, flexible));
            return list;
        }
        int count = arrayLength(field, depth);
        for (int i = 0; i < count; i++) list.add(element(field, depth, flexible));
        return list;
    }

    private int arrayLength(Field field, int depth) {
        return switch (variant) {
            case EMPTY -> 0;
            case LONG -> field.isStruct() ? 1 : 126 + rng.below(3); // 127 and 128 straddle the compact length of one and two bytes
            case MIN -> depth > 2 ? 0 : 1;
            case MAX -> field.isStruct() ? 1 : 2;
            case NULLS, NULL_LEAVES -> 1;
            case RANDOM1, RANDOM2, RANDOM3 -> rng.below(depth > 1 ? 3 : 4);
            default -> depth > 1 ? 1 + (elements & 1) : 2;
        };
    }

    private JsonNode element(Field field, int depth, boolean flexible) {
        elements++;
        if (field.isStruct()) return struct(field.sub, depth + 1, flexible);
        return switch (field.element) {
            case "bool" -> NODES.booleanNode(variant != Variant.MIN && (!random() || rng.oneIn(2)));
            case "int8" -> NODES.numberNode((int) integer(Byte.MIN_VALUE, Byte.MAX_VALUE));
            case "int16" -> NODES.numberNode(int16(field));
            case "uint16" -> NODES.numberNode((int) integer(0, 65535));
            case "int32" -> NODES.numberNode((int) integer(Integer.MIN_VALUE, Integer.MAX_VALUE));
            case "uint32" -> NODES.textNode("" + integer(0, 4294967295L));
            case "int64" -> NODES.textNode("" + integer(Long.MIN_VALUE, Long.MAX_VALUE));
            case "float64" -> NODES.numberNode(float64());
            case "uuid" -> NODES.textNode(uuid().toString());
            case "string" -> NODES.textNode(string(field));
            case "bytes" -> NODES.textNode(b64(bytes()));
            case "records" -> NODES.textNode(b64(records()));
            default -> throw new IllegalStateException(field.element);
        };
    }

    private int int16(Field field) {
        boolean plausible = field.camel.equals("errorCode") && variant != Variant.MAX && variant != Variant.MIN && !random();
        if (!plausible) return (int) integer(Short.MIN_VALUE, Short.MAX_VALUE);
        return elements % 3 == 0 ? 0 : 1 + rng.below(100);
    }

    private long integer(long low, long high) {
        return switch (variant) {
            case MAX -> high;
            case MIN -> low;
            case EMPTY -> 0;
            case RANDOM1, RANDOM2, RANDOM3 -> randomInteger(low, high);
            default -> {
                long x = (long) elements * 7 + 1 + rng.below(5);
                if (high == Long.MAX_VALUE) x += 1700000000000L;
                else if (high > 1000000) x += 100000;
                yield Math.min(x % high, high);
            }
        };
    }

    private long randomInteger(long low, long high) {
        int kind = rng.below(8);
        if (kind == 0) return low;
        if (kind == 1) return high;
        if (kind == 2) return 0;
        if (kind == 3 && low < 0) return -1;
        if (high == Long.MAX_VALUE) return kind == 4 ? BEYOND_SAFE_INTEGER : rng.next();
        return low + Long.remainderUnsigned(rng.next(), high - low + 1);
    }

    private double float64() {
        if (variant == Variant.MAX) return Double.MAX_VALUE;
        if (variant == Variant.MIN) return -Double.MIN_VALUE;
        return random() ? (rng.next() % 1000000) / 1024.0 : 1024.5 + elements;
    }

    private Uuid uuid() {
        if (variant == Variant.MAX) return new Uuid(-1L, -1L);
        if (variant == Variant.MIN || variant == Variant.EMPTY) return Uuid.ZERO_UUID;
        return new Uuid(rng.next(), rng.next());
    }

    private String string(Field field) {
        return switch (variant) {
            case EMPTY, MIN -> "";
            case MAX -> ALL_UTF8_LENGTHS;
            case LONG -> "x".repeat(LONG_STRINGS[rng.below(LONG_STRINGS.length)]);
            case RANDOM1, RANDOM2, RANDOM3 -> STRINGS[rng.below(STRINGS.length)];
            default -> field.camel + "-" + elements;
        };
    }

    private byte[] bytes() {
        switch (variant) {
            case EMPTY, MIN:
                return new byte[0];
            case MAX:
                return Bytes.everyByte();
            case LONG:
                if (longBytesUsed) return rng.bytes(126 + rng.below(3));
                longBytesUsed = true;
                return rng.bytes(LONG_BYTES);
            case RANDOM1, RANDOM2, RANDOM3:
                return rng.bytes(rng.below(20));
            default:
                return rng.bytes(4);
        }
    }

    private byte[] records() {
        return switch (variant) {
            case EMPTY, MIN -> new byte[0];
            case MAX -> concat(SmallBatch.of(0, 1), SmallBatch.of(7, 3));
            default -> SmallBatch.of(elements, 2);
        };
    }
}
