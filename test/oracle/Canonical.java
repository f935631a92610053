package oracle;

import static oracle.Bytes.NODES;
import static oracle.Bytes.b64;
import static oracle.Bytes.toArray;
import static oracle.Bytes.unb64;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import oracle.Schema.Field;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.RawTaggedField;

/**
 * Canonical JSON, the form in which fixtures state what bytes mean: every field that exists in the version (tagged ones too,
 * even at their default); int64 and uint32 = decimal string; bytes and records = base64; uuid = Kafka's base64url string;
 * float64 = number or "NaN", "Infinity", "-Infinity"; unknown tagged fields = {@code "_tags":[{"tag":n,"data":base64}]} where
 * there are any.
 *
 * <p>Kafka's own JsonConverters will not do: they write int64 as a number, leave out tagged fields at their default, lose
 * unknown tags, and always write records as "".
 */
final class Canonical {
    private Canonical() {}

    static ObjectNode dump(Object message, List<Field> fields, int version) {
        ObjectNode out = NODES.objectNode();
        for (Field field : fields) {
            if (field.versions.has(version)) out.set(field.camel, dumpValue(Messages.get(message, field.camel), field, version));
        }
        List<RawTaggedField> tags = unknownTags(message);
        if (tags != null && !tags.isEmpty()) {
            ArrayNode list = out.putArray("_tags");
            for (RawTaggedField tag : tags) list.addObject().put("tag", tag.tag()).put("data", b64(tag.data()));
        }
        return out;
    }

    @SuppressWarnings("unchecked")
    private static List<RawTaggedField> unknownTags(Object message) {
        return (List<RawTaggedField>) Messages.get(message, "unknownTaggedFields");
    }

    private static JsonNode dumpValue(Object value, Field field, int version) {
        if (value == null) return NODES.nullNode();
        if (!field.array) return dumpElement(value, field, version);
        ArrayNode list = NODES.arrayNode();
        for (Object element : (Collection<?>) value) list.add(dumpElement(element, field, version));
        return list;
    }

    private static JsonNode dumpElement(Object value, Field field, int version) {
        if (field.isStruct()) return dump(value, field.sub, version);
        return switch (field.element) {
            case "bool" -> NODES.booleanNode((Boolean) value);
            case "int8", "int16", "uint16", "int32" -> NODES.numberNode(((Number) value).intValue());
            case "int64", "uint32" -> NODES.textNode(Long.toString(((Number) value).longValue()));
            case "float64" -> number((Double) value);
            case "string" -> NODES.textNode((String) value);
            case "uuid" -> NODES.textNode(value.toString());
            case "bytes" -> NODES.textNode(b64(value instanceof byte[] bytes ? bytes : toArray((ByteBuffer) value)));
            // By reflection: the package of the records classes differs between versions.
            case "records" -> NODES.textNode(b64(toArray((ByteBuffer) Messages.get(value, "buffer"))));
            default -> throw new IllegalStateException(field.element);
        };
    }

    static JsonNode number(double value) {
        if (Double.isNaN(value)) return NODES.textNode("NaN");
        if (Double.isInfinite(value)) return NODES.textNode(value > 0 ? "Infinity" : "-Infinity");
        return NODES.numberNode(value);
    }

    static Message toMessage(Schema schema, JsonNode canonical, short version) {
        Message message = Messages.readJson(schema, toConverterJson(canonical, schema.fields, version), version);
        addUnknownTags(message, canonical, schema.fields, version);
        return message;
    }

    static byte[] encode(Schema schema, JsonNode canonical, short version) {
        return Messages.encode(toMessage(schema, canonical, version), version);
    }

    /** Canonical JSON in the dialect that the generated JsonConverters read. */
    private static ObjectNode toConverterJson(JsonNode canonical, List<Field> fields, int version) {
        ObjectNode out = NODES.objectNode();
        for (Field field : fields) {
            JsonNode value = field.versions.has(version) ? canonical.get(field.camel) : null;
            if (value == null) continue; // the converter complains if it was mandatory
            if (field.array && !value.isNull()) {
                ArrayNode list = out.putArray(field.camel);
                for (JsonNode element : value) list.add(toConverterElement(element, field, version));
            } else {
                out.set(field.camel, value.isNull() ? value : toConverterElement(value, field, version));
            }
        }
        return out;
    }

    private static JsonNode toConverterElement(JsonNode value, Field field, int version) {
        if (field.isStruct()) return toConverterJson(value, field.sub, version);
        return switch (field.element) {
            case "int64", "uint32" -> NODES.numberNode(value.isTextual() ? Long.parseLong(value.asText()) : value.longValue());
            case "float64" -> NODES.numberNode(value.isTextual() ? Double.parseDouble(value.asText()) : value.doubleValue());
            default -> value;
        };
    }

    private static void addUnknownTags(Object message, JsonNode canonical, List<Field> fields, int version) {
        if (canonical.has("_tags"))
            for (JsonNode tag : canonical.get("_tags"))
                unknownTags(message).add(new RawTaggedField(tag.get("tag").asInt(), unb64(tag.get("data").asText())));
        for (Field field : fields) {
            if (!field.versions.has(version) || !field.isStruct()) continue;
            JsonNode json = canonical.get(field.camel);
            if (json == null || json.isNull()) continue;
            Object value = Messages.get(message, field.camel);
            if (field.array) {
                Iterator<JsonNode> elements = json.iterator();
                for (Object element : (Collection<?>) value) addUnknownTags(element, elements.next(), field.sub, version);
            } else {
                addUnknownTags(value, json, field.sub, version);
            }
        }
    }

    /** The value that a field has when nobody sets it. */
    static JsonNode defaultOf(Field field, int version) {
        String text = field.defaultValue == null ? "" : field.defaultValue.asText();
        if (field.defaultValue != null && field.defaultValue.isTextual() && text.equals("null")) return NODES.nullNode();
        if (field.array) return NODES.arrayNode();
        if (field.isStruct()) {
            ObjectNode out = NODES.objectNode();
            for (Field sub : field.sub) if (sub.versions.has(version)) out.set(sub.camel, defaultOf(sub, version));
            return out;
        }
        return switch (field.element) {
            case "bool" -> NODES.booleanNode(text.equals("true"));
            case "int8", "int16", "uint16", "int32" -> NODES.numberNode(text.isEmpty() ? 0 : (int) (long) Long.decode(text));
            case "int64", "uint32" -> NODES.textNode(text.isEmpty() ? "0" : "" + Long.decode(text));
            case "float64" -> NODES.numberNode(text.isEmpty() ? 0.0 : Double.parseDouble(text));
            case "string" -> NODES.textNode(text);
            case "bytes" -> NODES.textNode("");
            case "uuid" -> NODES.textNode(Uuid.ZERO_UUID.toString());
            case "records" -> NODES.nullNode();
            default -> throw new IllegalStateException(field.element);
        };
    }
}
