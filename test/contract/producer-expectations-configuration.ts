// kafka-python's options of a producer: ours have the same names in camelCase, and the same defaults unless it is said why not.

export interface ExpectedOption {
  /** kafka-python's default, as its program shows it. */
  readonly theirs: unknown;
  /** Our option, if it has another name; null if there is none: whoever gives it is told what to do instead. */
  readonly name?: string | null;
  /** Our default, where it is written differently or is another one. */
  readonly ours?: unknown;
  readonly why?: string;
}

export const expectedOptions: Readonly<Record<string, ExpectedOption>> = {
  bootstrap_servers: { theirs: "localhost", ours: [{ host: "localhost", port: 9092 }] },
  client_id: { theirs: null, ours: "kafkawire", why: "kafka-python makes one up: 'kafka-python-producer-1'" },
  key_serializer: { theirs: null },
  value_serializer: { theirs: null },
  enable_idempotence: { theirs: true },
  transactional_id: { theirs: null },
  transaction_timeout_ms: { theirs: 60_000 },
  delivery_timeout_ms: { theirs: 120_000 },
  acks: { theirs: -1 },
  compression_type: { theirs: null, name: "compression", ours: "none" },
  retries: { theirs: "inf", ours: Number.POSITIVE_INFINITY },
  batch_size: { theirs: 16_384 },
  linger_ms: { theirs: 0 },
  partitioner: {
    theirs: "DefaultPartitioner",
    ours: "default",
    why: "the same for keys; records without one stay with a partition until its batch is full (KIP-794), kafka-python draws lots",
  },
  connections_max_idle_ms: { theirs: 540_000 },
  max_block_ms: { theirs: 60_000 },
  max_request_size: { theirs: 1_048_576 },
  allow_auto_create_topics: { theirs: true },
  metadata_max_age_ms: { theirs: 300_000 },
  client_dns_lookup: { theirs: "use_all_dns_ips" },
  retry_backoff_ms: { theirs: 100 },
  request_timeout_ms: { theirs: 30_000 },
  receive_message_max_bytes: { theirs: 100_000_000 },
  receive_buffer_bytes: { theirs: null },
  send_buffer_bytes: { theirs: null },
  socket_options: { theirs: "list", name: null },
  reconnect_backoff_ms: { theirs: 50 },
  reconnect_backoff_max_ms: { theirs: 30_000 },
  max_in_flight_requests_per_connection: { theirs: 5 },
  security_protocol: { theirs: "PLAINTEXT" },
  ssl_context: { theirs: null, name: null },
  ssl_check_hostname: { theirs: true },
  ssl_cafile: { theirs: null },
  ssl_certfile: { theirs: null },
  ssl_keyfile: { theirs: null },
  ssl_crlfile: { theirs: null },
  ssl_password: { theirs: null },
  ssl_ciphers: { theirs: null },
  api_version: { theirs: null, ours: "auto" },
  bootstrap_timeout_ms: { theirs: 30_000 },
  metric_reporters: { theirs: "list", name: null },
  metrics_enabled: { theirs: true },
  metrics_num_samples: { theirs: 2 },
  metrics_sample_window_ms: { theirs: 30_000 },
  selector: { theirs: "ABCMeta", name: null },
  sasl_mechanism: { theirs: null },
  sasl_plain_username: { theirs: null },
  sasl_plain_password: { theirs: null },
  sasl_kerberos_name: { theirs: null },
  sasl_kerberos_service_name: { theirs: "kafka", ours: null, why: "SASL is refused as yet" },
  sasl_kerberos_domain_name: { theirs: null },
  sasl_oauth_token_provider: { theirs: null },
  proxy_url: { theirs: null, name: null },
  socks5_proxy: { theirs: null, name: null },
  kafka_client: { theirs: "type", name: null },
};

export function nameHere(option: string): string {
  return option.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
