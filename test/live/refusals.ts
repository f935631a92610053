// Answers with error codes that are the right answers: this is a table. Every other answer must be free of errors, so that a request
// which reached the broker garbled does not pass for one that it refused.

import { type Refusal, refusal } from "./refusal.ts";

export const unknownTopic: Refusal = refusal("the topic does not exist", "UNKNOWN_TOPIC_OR_PARTITION");
export const unknownTopicId: Refusal = refusal("no topic has the id", "UNKNOWN_TOPIC_ID");
export const unknownPartition: Refusal = refusal("the topic has no partition 77", "UNKNOWN_TOPIC_OR_PARTITION");
export const recordWithoutKey: Refusal = refusal("a compacted topic takes no record without a key", "INVALID_RECORD");
export const offsetOutOfRange: Refusal = refusal("offset 1000 of 3", "OFFSET_OUT_OF_RANGE");
export const deleteBehindEnd: Refusal = refusal("records up to offset 1000 of 3 cannot be deleted", "OFFSET_OUT_OF_RANGE");
export const unknownFetchSession: Refusal = refusal("nobody has this fetch session", "FETCH_SESSION_ID_NOT_FOUND");

export const memberIdRequired: Refusal = refusal("KIP-394: the first JoinGroup only tells the member its id", "MEMBER_ID_REQUIRED");
export const unknownMember: Refusal = refusal("the group has no member 'nobody'", "UNKNOWN_MEMBER_ID");
export const otherGeneration: Refusal = refusal("the group is not in generation 99", "ILLEGAL_GENERATION");
export const unknownGroup: Refusal = refusal("the group does not exist", "GROUP_ID_NOT_FOUND");
export const groupHasMembers: Refusal = refusal("only a group without members can be changed so", "NON_EMPTY_GROUP");
export const groupReadsTopic: Refusal = refusal("a member of the group reads the topic", "GROUP_SUBSCRIBED_TO_TOPIC");
export const staleEpoch: Refusal = refusal("the member is not in epoch 77", "STALE_MEMBER_EPOCH");
export const fencedEpoch: Refusal = refusal("the member is not in epoch 77", "FENCED_MEMBER_EPOCH");
export const badRegex: Refusal = refusal("'(' is no regular expression", "INVALID_REGULAR_EXPRESSION");
export const badShareEpoch: Refusal = refusal("the share session is not in epoch 999", "INVALID_SHARE_SESSION_EPOCH");
export const notAcquired: Refusal = refusal("a record that the member has released", "INVALID_RECORD_STATE");

export const transactionTooLong: Refusal = refusal("transaction.max.timeout.ms is 15 minutes", "INVALID_TRANSACTION_TIMEOUT");
export const fencedProducer: Refusal = refusal("a producer epoch of the future", "PRODUCER_FENCED");
export const oldFencedProducer: Refusal = refusal("the same, for clients before KIP-588", "INVALID_PRODUCER_EPOCH");
export const otherProducer: Refusal = refusal("the transactional id has another producer id", "INVALID_PRODUCER_ID_MAPPING");
export const unknownTransaction: Refusal = refusal("the transactional id is unknown", "TRANSACTIONAL_ID_NOT_FOUND");

export const topicExists: Refusal = refusal("the topic exists", "TOPIC_ALREADY_EXISTS");
export const fewerPartitions: Refusal = refusal("a topic cannot shrink", "INVALID_PARTITIONS");
export const noElectionNeeded: Refusal = refusal("the preferred leader leads", "ELECTION_NOT_NEEDED");
export const noReassignment: Refusal = refusal("there is nothing to call off", "NO_REASSIGNMENT_IN_PROGRESS");
export const unknownLogDir: Refusal = refusal("the broker has no such directory", "LOG_DIR_NOT_FOUND");

export const invalidConfig: Refusal = refusal("there is no such setting", "INVALID_CONFIG");
export const unknownLogger: Refusal = refusal("there is no such logger", "INVALID_CONFIG");
export const unknownQuota: Refusal = refusal("there is no such quota", "INVALID_REQUEST");

export const unknownMechanism: Refusal = refusal("Kerberos is not set up", "UNSUPPORTED_SASL_MECHANISM");
export const wrongPassword: Refusal = refusal("a wrong password", "SASL_AUTHENTICATION_FAILED");
export const invalidAcl: Refusal = refusal("a resource without a name", "INVALID_REQUEST");
export const unknownToken: Refusal = refusal("nobody has this token", "DELEGATION_TOKEN_NOT_FOUND");
export const fewIterations: Refusal = refusal("one iteration is too few", "UNACCEPTABLE_CREDENTIAL");
export const unknownUser: Refusal = refusal("the user has no credentials", "RESOURCE_NOT_FOUND");

export const badSoftwareName: Refusal = refusal("the name of the client's software is empty", "INVALID_REQUEST");
export const brokersOnly: Refusal = refusal("controllers describe themselves", "MISMATCHED_ENDPOINT_TYPE");
export const notMetadataTopic: Refusal = refusal("only the metadata log has a quorum", "UNKNOWN_TOPIC_OR_PARTITION");
export const badFeature: Refusal = refusal("transaction version 99 does not exist", "INVALID_UPDATE_VERSION");
export const badFeatures: Refusal = refusal("the same", "INVALID_UPDATE_VERSION");
export const unknownBroker: Refusal = refusal("no broker has the id", "BROKER_ID_NOT_REGISTERED");
export const staticQuorum: Refusal = refusal("the quorum is static (kraft.version 0)", "UNSUPPORTED_VERSION");
