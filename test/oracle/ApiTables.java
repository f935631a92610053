package oracle;

import static oracle.Bytes.JSON;
import static oracle.Bytes.NODES;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** apis.json and errors.json: every API with its versions, every error code with what a client should make of it. */
final class ApiTables {
    private ApiTables() {}

    static void write(Path dir) throws IOException {
        ArrayNode apis = NODES.arrayNode();
        for (ApiMessageType type : ApiMessageType.values()) {
            ApiKeys api = ApiKeys.forId(type.apiKey());
            // The schema file of a removed API stays, with validVersions "none".
            if (api.hasValidVersion()) apis.add(api(api));
            else apis.addObject().put("apiKey", type.apiKey()).put("name", type.name()).put("hasValidVersion", false)
                .put("removed", true);
        }
        ArrayNode errors = NODES.arrayNode();
        for (Errors error : Errors.values()) errors.add(error(error));
        writeJson(dir.resolve("apis.json"), apis);
        writeJson(dir.resolve("errors.json"), errors);
        Report.line("apis: %d, errors: %d", apis.size(), errors.size());
    }

    private static void writeJson(Path file, ArrayNode list) throws IOException {
        String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(list);
        Files.writeString(file, text.replace(System.lineSeparator(), "\n"));
    }

    private static ObjectNode api(ApiKeys api) {
        ObjectNode out = NODES.objectNode();
        Schema request = Schema.request(api);
        Schema response = Schema.response(api);
        out.put("apiKey", api.id).put("name", api.name).put("request", request.name).put("response", response.name);
        out.put("hasValidVersion", api.hasValidVersion()).put("schemaValidVersions", request.valid.toString());
        out.put("flexibleVersions", request.flexible.toString()).put("responseFlexibleVersions", response.flexible.toString());
        out.put("clusterAction", api.clusterAction).put("forwardable", api.forwardable);
        ArrayNode listeners = out.putArray("listeners");
        request.listeners.forEach(listeners::add);
        out.put("clientFacing", Selection.clientFacing(api)).put("inKafkaClientApis", ApiKeys.clientApis().contains(api));
        out.set("latestVersionUnstable", request.latestVersionUnstable == null ? NODES.nullNode() : request.latestVersionUnstable);
        out.put("min", api.oldestVersion()).put("max", api.latestVersion(true)).put("maxStable", api.latestVersion(false));
        out.put("firstFlexibleRequest", firstFlexible(api, true)).put("firstFlexibleResponse", firstFlexible(api, false));
        ObjectNode headerVersions = out.putObject("headerVersions");
        for (short version = api.oldestVersion(); version <= api.latestVersion(true); version++)
            headerVersions.putArray("" + version).add(api.requestHeaderVersion(version)).add(api.responseHeaderVersion(version));
        api.toApiVersionForApiResponse(false, ApiMessageType.ListenerType.BROKER)
            .ifPresent(versions -> out.put("advertised", versions.minVersion() + "-" + versions.maxVersion()));
        return out;
    }

    private static int firstFlexible(ApiKeys api, boolean request) {
        Schema response = Schema.response(api);
        for (short version = api.oldestVersion(); version <= api.latestVersion(true); version++)
            if (request ? api.requestHeaderVersion(version) >= 2 : response.flexible.has(version)) return version;
        return -1;
    }

    private static ObjectNode error(Errors error) {
        Throwable exception = error.exception();
        Class<?> parent = exception == null ? null : exception.getClass().getSuperclass();
        ObjectNode out = NODES.objectNode();
        out.put("code", error.code()).put("name", error.name()).put("message", error.message());
        out.put("exception", exception == null ? null : exception.getClass().getSimpleName());
        out.put("retriable", exception instanceof RetriableException)
            .put("invalidMetadata", exception instanceof InvalidMetadataException);
        out.put("super", parent == null ? null : parent.getSimpleName());
        return out;
    }
}
