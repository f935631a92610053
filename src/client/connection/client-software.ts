/**
 * Who we say we are to brokers, for their metrics (KIP-511). Letters, digits, `-` and `.`, with a letter or digit at both ends: brokers
 * answer anything else with INVALID_REQUEST. A test compares both with package.json.
 */
export const CLIENT_SOFTWARE_NAME = "kafkawire";
export const CLIENT_SOFTWARE_VERSION = "0.1.0";
