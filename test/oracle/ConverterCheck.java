package oracle;

import static oracle.Bytes.NODES;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import oracle.Schema.Field;
import org.apache.kafka.common.protocol.Message;

/** Guards our own dump: Kafka's generated JsonConverter must tell the same about a message. */
final class ConverterCheck {
    private ConverterCheck() {}

    static void check(Schema schema, Message message, ObjectNode dump, short version) {
        JsonNode converter = normalise(Messages.writeJson(schema, message, version));
        compare(converter, withoutUnknownTags(dump), schema.fields, version, schema.name);
    }

    /** The converter's output must equal the dump, except that it leaves out tagged fields at their default. */
    private static void compare(JsonNode converter, JsonNode dump, List<Field> fields, int version, String where) {
        Set<String> extra = new HashSet<>();
        converter.fieldNames().forEachRemaining(extra::add);
        for (Field field : fields) {
            if (!field.versions.has(version)) continue;
            extra.remove(field.camel);
            compareField(converter.get(field.camel), dump.get(field.camel), field, version, where + "." + field.camel);
        }
        if (!extra.isEmpty()) throw new IllegalStateException(where + " converter has extra " + extra);
    }

    private static void compareField(JsonNode converter, JsonNode dump, Field field, int version, String where) {
        if (converter == null) {
            if (!field.isTagged(version)) throw new IllegalStateException(where + " missing from converter output");
        } else if (field.element.equals("records")) {
            return; // the converter never writes the bytes of records
        } else if (field.isStruct() && field.array && converter.isArray()) {
            if (converter.size() != dump.size()) throw new IllegalStateException(where + " size");
            for (int i = 0; i < converter.size(); i++) compare(converter.get(i), dump.get(i), field.sub, version, where);
        } else if (field.isStruct() && converter.isObject()) {
            compare(converter, dump, field.sub, version, where);
        } else if (!converter.equals(dump)) {
            throw new IllegalStateException(where + ": converter " + converter + " / dump " + dump);
        }
    }

    private static JsonNode normalise(JsonNode node) {
        if (node.isObject()) {
            ObjectNode out = NODES.objectNode();
            node.properties().forEach(entry -> out.set(entry.getKey(), normalise(entry.getValue())));
            return out;
        }
        if (node.isArray()) {
            ArrayNode out = NODES.arrayNode();
            node.forEach(element -> out.add(normalise(element)));
            return out;
        }
        if (node instanceof LongNode || node.isBinary()) return NODES.textNode(node.asText());
        if (node.isFloatingPointNumber()) return Canonical.number(node.doubleValue());
        return node.isIntegralNumber() ? NODES.numberNode(node.intValue()) : node;
    }

    private static ObjectNode withoutUnknownTags(JsonNode node) {
        ObjectNode out = NODES.objectNode();
        node.properties()
            .forEach(
                entry -> {
                    JsonNode value = entry.getValue();
                    if (entry.getKey().equals("_tags")) return;
                    if (value.isArray()) {
                        ArrayNode list = out.putArray(entry.getKey());
                        value.forEach(element -> list.add(element.isObject() ? withoutUnknownTags(element) : element));
                    } else {
                        out.set(entry.getKey(), value.isObject() ? withoutUnknownTags(value) : value);
                    }
                });
        return out;
    }
}
