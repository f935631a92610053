/**
 * How finely a fault can be aimed at an API: at the request as a whole, or also at a topic or a partition in it. What a handler
 * promises here it keeps by asking `context.faultAt`.
 */
export type FaultScope = "request" | "topic" | "partition";
