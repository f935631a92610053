package oracle;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.protocol.ApiKeys;

/** One message schema, read from the {@code common/message/NAME.json} that kafka-clients carries. */
final class Schema {
    private static final ObjectMapper COMMENTED_JSON =
        new ObjectMapper(new JsonFactory().enable(JsonParser.Feature.ALLOW_COMMENTS));
    private static final Set<String> PRIMITIVES =
        Set.of("bool", "int8", "int16", "uint16", "int32", "uint32", "int64", "float64", "string", "uuid", "bytes", "records");
    private static final Map<String, Schema> LOADED = new HashMap<>();

    String name;
    /** {@code request}, {@code response}, {@code header} or {@code data}. */
    String type;
    /** The Java class that Kafka generates from this schema. */
    String className;
    Versions valid;
    Versions flexible;
    List<Field> fields = new ArrayList<>();
    List<String> listeners = List.of();
    JsonNode latestVersionUnstable;

    /** A range of versions as the schema files write it: {@code 0}, {@code 1-3}, {@code 2+} or {@code none}. */
    record Versions(int low, int high) {
        static final Versions NONE = new Versions(1, 0);

        static Versions parse(String text) {
            if (text == null || text.equals("none")) return NONE;
            text = text.trim();
            if (text.endsWith("+")) return new Versions(Integer.parseInt(text.substring(0, text.length() - 1)), Short.MAX_VALUE);
            int dash = text.indexOf('-');
            if (dash > 0)
                return new Versions(Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
            return new Versions(Integer.parseInt(text), Integer.parseInt(text));
        }

        static Versions ofField(JsonNode field, String property) {
            return field.has(property) ? parse(field.get(property).asText()) : NONE;
        }

        boolean has(int version) {
            return version >= low && version <= high;
        }

        @Override
        public String toString() {
            if (low > high) return "none";
            if (high == Short.MAX_VALUE) return low + "+";
            return low == high ? "" + low : low + "-" + high;
        }
    }

    static final class Field {
        /** The property name of the canonical JSON and of Kafka's accessor. */
        String camel;
        /** The type, or of an array the type of an element. */
        String element;
        boolean array;
        Versions versions;
        Versions nullable;
        Versions tagged;
        int tag = -1;
        JsonNode defaultValue;
        List<Field> sub = List.of();

        boolean isStruct() {
            return Character.isUpperCase(element.charAt(0));
        }

        boolean isTagged(int version) {
            return tag >= 0 && tagged.has(version);
        }
    }

    static Schema named(String name) {
        return LOADED.computeIfAbsent(name, Schema::load);
    }

    static Schema request(ApiKeys api) {
        return named(api.messageType.name + "Request");
    }

    static Schema response(ApiKeys api) {
        return named(api.messageType.name + "Response");
    }

    static boolean exists(String name) {
        return Schema.class.getClassLoader().getResource(path(name)) != null;
    }

    private static String path(String name) {
        return "common/message/" + name + ".json";
    }

    private static InputStream source(String name) {
        InputStream in = Schema.class.getClassLoader().getResourceAsStream(path(name));
        if (in == null) throw new IllegalArgumentException("no schema " + path(name) + " on the class path");
        return in;
    }

    private static Schema load(String name) {
        JsonNode json;
        try (InputStream in = source(name)) {
            json = COMMENTED_JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Schema schema = new Schema();
        schema.name = json.get("name").asText();
        schema.type = json.get("type").asText();
        schema.className = "org.apache.kafka.common.message." + schema.name + (schema.type.equals("data") ? "" : "Data");
        schema.valid = Versions.parse(json.get("validVersions").asText());
        schema.flexible = Versions.ofField(json, "flexibleVersions");
        if (json.has("listeners")) {
            schema.listeners = new ArrayList<>();
            for (JsonNode listener : json.get("listeners")) schema.listeners.add(listener.asText());
        }
        schema.latestVersionUnstable = json.get("latestVersionUnstable");
        schema.readFields(json);
        return schema;
    }

    private void readFields(JsonNode json) {
        Map<String, List<Field>> structs = new HashMap<>();
        List<Field> all = new ArrayList<>();
        if (json.has("commonStructs"))
            for (JsonNode struct : json.get("commonStructs"))
                structs.put(struct.get("name").asText(), parseFields(struct.get("fields"), structs, all));
        if (json.has("fields")) fields = parseFields(json.get("fields"), structs, all);
        // A struct may be used before the place that defines it, so the links are made at the end.
        for (Field field : all) {
            if (!field.isStruct() || !field.sub.isEmpty()) continue;
            field.sub = structs.get(field.element);
            if (field.sub == null) throw new IllegalStateException(name + ": unknown struct " + field.element);
        }
    }

    private static List<Field> parseFields(JsonNode list, Map<String, List<Field>> structs, List<Field> all) {
        List<Field> out = new ArrayList<>();
        for (JsonNode json : list) {
            Field field = new Field();
            String name = json.get("name").asText();
            field.camel = Character.toLowerCase(name.charAt(0)) + name.substring(1);
            String type = json.get("type").asText();
            field.array = type.startsWith("[]");
            field.element = field.array ? type.substring(2) : type;
            field.versions = Versions.parse(json.get("versions").asText());
            field.nullable = Versions.ofField(json, "nullableVersions");
            field.tagged = Versions.ofField(json, "taggedVersions");
            field.tag = json.has("tag") ? json.get("tag").asInt() : -1;
            field.defaultValue = json.get("default");
            if (!field.isStruct() && !PRIMITIVES.contains(field.element)) throw new IllegalStateException("unknown type " + type);
            all.add(field);
            if (json.has("fields") && json.get("fields").size() > 0) {
                field.sub = parseFields(json.get("fields"), structs, all);
                structs.put(field.element, field.sub);
            }
            out.add(field);
        }
        return out;
    }
}
