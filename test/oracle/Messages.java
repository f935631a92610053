package oracle;

import static oracle.Bytes.toArray;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** Kafka's generated message classes and their JSON converters, reached by name. */
final class Messages {
    private static final Map<String, Method> METHODS = new ConcurrentHashMap<>();

    private Messages() {}

    static Message create(Schema schema) {
        try {
            return (Message) Class.forName(schema.className).getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static Message decode(Schema schema, ByteBuffer buffer, short version) {
        Message message = create(schema);
        message.read(new ByteBufferAccessor(buffer), version);
        return message;
    }

    /** Kafka's own two steps (size, then write); MessageUtil has a shortcut for it whose name differs between versions. */
    static byte[] encode(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return toArray(buffer.flip());
    }

    /** Calls an accessor without arguments. */
    static Object get(Object target, String accessor) {
        Method method =
            METHODS.computeIfAbsent(
                target.getClass().getName() + "#" + accessor,
                key -> {
                    try {
                        return target.getClass().getMethod(accessor);
                    } catch (NoSuchMethodException e) {
                        throw new IllegalStateException(e);
                    }
                });
        return invoke(method, target);
    }

    static Message readJson(Schema schema, JsonNode json, short version) {
        return (Message) invoke(converter(schema, "read", JsonNode.class, short.class), null, json, version);
    }

    static JsonNode writeJson(Schema schema, Message message, short version) {
        return (JsonNode) invoke(converter(schema, "write", message.getClass(), short.class, boolean.class),
            null, message, version, true);
    }

    private static Method converter(Schema schema, String name, Class<?>... parameters) {
        return METHODS.computeIfAbsent(
            schema.className + "JsonConverter#" + name,
            key -> {
                try {
                    return Class.forName(schema.className + "JsonConverter").getMethod(name, parameters);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            });
    }

    private static Object invoke(Method method, Object target, Object... arguments) {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
