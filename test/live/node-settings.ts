// The node that is asked: its only listener wants SASL and it has an authorizer, so that the APIs of security give real answers too.

export const ADMIN = "admin";
export const ADMIN_PASSWORD = "admin-secret";

const LOGIN = "org.apache.kafka.common.security";

export const nodeSettings: Readonly<Record<string, string>> = {
  // Only the name stays PLAINTEXT: the harness has given the listener its ports.
  "listener.security.protocol.map": "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
  "inter.broker.listener.name": "PLAINTEXT",
  "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
  "sasl.mechanism.inter.broker.protocol": "PLAIN",
  "listener.name.plaintext.plain.sasl.jaas.config": `${LOGIN}.plain.PlainLoginModule required username="${ADMIN}" password="${ADMIN_PASSWORD}" user_${ADMIN}="${ADMIN_PASSWORD}";`,
  "listener.name.plaintext.scram-sha-256.sasl.jaas.config": `${LOGIN}.scram.ScramLoginModule required;`,
  // Answers of SaslAuthenticate then carry a session lifetime; a wrong password is answered without the usual delay.
  "connections.max.reauth.ms": "3600000",
  "connection.failed.authentication.delay.ms": "0",
  "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
  // ANONYMOUS is the broker itself on the controllers' listener.
  "super.users": `User:${ADMIN};User:ANONYMOUS`,
  "delegation.token.secret.key": "live",
  // The harness's node would lose its leaderships on a machine that is busy for a second.
  "broker.session.timeout.ms": "30000",
  // Groups would wait for more members to come.
  "group.share.assignment.interval.ms": "0",
  "group.streams.assignment.interval.ms": "0",
  "group.streams.initial.rebalance.delay.ms": "0",
};

/** SASL's PLAIN, spelled out: it must not depend on what other tests check. */
export const PLAIN_TOKEN: Uint8Array = Buffer.from(`\0${ADMIN}\0${ADMIN_PASSWORD}`);

export const WRONG_PLAIN_TOKEN: Uint8Array = Buffer.from(`\0${ADMIN}\0wrong`);
