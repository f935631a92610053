package oracle;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Optional;

/**
 * Which versions of which APIs the classes of any Kafka from 0.11 on say that a broker speaks, and the names of its metadata
 * versions. By reflection alone, since these classes changed their shape over and over: run it as a source file with the jars of
 * the release on the class path. Prints one JSON object.
 */
public final class ReleaseVersions {
    private ReleaseVersions() {}

    /** Its argument is the listener of whose broker is spoken: ZK_BROKER or BROKER. Before 2.8 there was only one kind. */
    public static void main(String[] args) throws ReflectiveOperationException {
        System.out.println("{\"apis\":[" + apis(args[0]) + "],\"metadataVersions\":{" + metadataVersions() + "}}");
    }

    private static String apis(String listener) throws ReflectiveOperationException {
        StringBuilder out = new StringBuilder();
        for (Object api : Class.forName("org.apache.kafka.common.protocol.ApiKeys").getEnumConstants()) {
            if (!isOffered(api, listener)) continue;
            Optional<int[]> range = range(api, listener);
            if (range.isEmpty()) continue;
            Object key = api.getClass().getField("id").get(api);
            Object name = api.getClass().getField("name").get(api);
            out.append(out.isEmpty() ? "" : ",")
                .append("{\"key\":%s,\"name\":\"%s\",\"versions\":[%d,%d]}".formatted(key, name, range.get()[0], range.get()[1]));
        }
        return out.toString();
    }

    private static boolean isOffered(Object api, String listener) throws ReflectiveOperationException {
        Class<?> keys = api.getClass();
        Optional<Class<?>> listeners = find("org.apache.kafka.common.message.ApiMessageType$ListenerType");
        if (listeners.isPresent()) return (boolean) invoke(api, "inScope", listeners.get(), constant(listeners.get(), listener));
        for (var field : keys.getFields()) if (field.getName().equals("isEnabled")) return field.getBoolean(api);
        return true;
    }

    /** Stable versions only, as a broker has it by default; since 4.0 with the Produce versions that are offered but refused. */
    private static Optional<int[]> range(Object api, String listener) throws ReflectiveOperationException {
        for (Method method : api.getClass().getMethods()) {
            Object range;
            if (method.getName().equals("toApiVersionForApiResponse")) {
                range = method.invoke(api, false, constant(method.getParameterTypes()[1], listener));
            } else if (method.getName().equals("toApiVersion") && !has(api.getClass(), "toApiVersionForApiResponse")) {
                range = method.invoke(api, false);
            } else {
                continue;
            }
            Optional<?> found = (Optional<?>) range;
            if (found.isEmpty()) return Optional.empty();
            return Optional.of(new int[] {number(found.get(), "minVersion"), number(found.get(), "maxVersion")});
        }
        return Optional.of(new int[] {number(api, "oldestVersion"), number(api, "latestVersion")});
    }

    private static String metadataVersions() throws ReflectiveOperationException {
        Optional<Class<?>> versions = find("org.apache.kafka.server.common.MetadataVersion");
        StringBuilder out = new StringBuilder();
        if (versions.isEmpty()) return "";
        for (Object version : versions.get().getEnumConstants()) {
            int level = number(version, "featureLevel");
            if (level > 0) out.append(out.isEmpty() ? "" : ",").append("\"" + level + "\":\"" + version + "\"");
        }
        return out.toString();
    }

    private static Optional<Class<?>> find(String name) {
        try {
            return Optional.of(Class.forName(name));
        } catch (ClassNotFoundException missing) {
            return Optional.empty();
        }
    }

    private static boolean has(Class<?> type, String method) {
        for (Method candidate : type.getMethods()) if (candidate.getName().equals(method)) return true;
        return false;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object constant(Class<?> type, String name) {
        return Enum.valueOf((Class<Enum>) type, name);
    }

    private static Object invoke(Object target, String method, Class<?> parameter, Object argument)
        throws ReflectiveOperationException {
        return target.getClass().getMethod(method, parameter).invoke(target, argument);
    }

    private static int number(Object target, String method) throws NoSuchMethodException, IllegalAccessException,
        InvocationTargetException {
        return ((Number) target.getClass().getMethod(method).invoke(target)).intValue();
    }
}
