// Keys and certificates for tests of TLS, valid until 2126, made by OpenSSL 3. They are worth nothing: nobody else trusts them.
//
//   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj "/CN=test authority"
//   openssl req -newkey ec … -subj "/C=DE/O=Acme, Inc./OU=Data/CN=alice"; openssl x509 -req -CA … -days 36500

export interface PemPair {
  readonly key: string;
  readonly cert: string;
}

/** Signed the certificates of the broker and of the client. */
export const authority: string = `-----BEGIN CERTIFICATE-----
MIIBiTCCAS+gAwIBAgIUes9oetYJ42XqgP60SnfpErpCE4AwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMTMwNjIwWhgPMjEy
NjEwMjgxMzA2MjBaMBkxFzAVBgNVBAMMDnRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAERth1LAYQAxq0htohExFsrLmkRvTgNauaagGvs0u7
ZT7x3jh/0YEXX1CyOhOaKUcCYfWfF8fgq43TVHQSJ92WhKNTMFEwHQYDVR0OBBYE
FBiW34bHOL4kfwj5gq1S7RiamPFmMB8GA1UdIwQYMBaAFBiW34bHOL4kfwj5gq1S
7RiamPFmMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhANVacSt4
CzBMjb/IqFoiL5RSX1xZ8EJpLKo0yqhQJsz3AiAjFVyn7+2ukrNWMP61MqCCtIoo
SJIOvgyxSQ50unzO7w==
-----END CERTIFICATE-----
`;

/** For 127.0.0.1. */
export const brokerCertificate: PemPair = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgU9oITpNzoFQVTUbe
tBPbRs4NnNFtR1fmcx66BTq+1LShRANCAASLGYZCuJvawvMyGHq92dm/NdNSVPMG
Pk5UOglp0IWDlgZxJS+POkjAnTiAe3UyJhsfnK5EyM7iol3r55jnfZ69
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBhjCCASygAwIBAgIUL+AEBhdWFvzd5d1svrl9JJ0rjx8wCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMTMwNjIwWhgPMjEy
NjEwMjgxMzA2MjBaMBYxFDASBgNVBAMMC3Rlc3QgYnJva2VyMFkwEwYHKoZIzj0C
AQYIKoZIzj0DAQcDQgAEixmGQrib2sLzMhh6vdnZvzXTUlTzBj5OVDoJadCFg5YG
cSUvjzpIwJ04gHt1MiYbH5yuRMjO4qJd6+eY532evaNTMFEwDwYDVR0RBAgwBocE
fwAAATAdBgNVHQ4EFgQUQqifo8rGMA6NfiwB+wBe5B1YcqowHwYDVR0jBBgwFoAU
GJbfhsc4viR/CPmCrVLtGJqY8WYwCgYIKoZIzj0EAwIDSAAwRQIhAI89X6Ka7+OK
dr+RI/ygtTqNzIa9ZcuHnnFm+uPAemZEAiBffj0PHGkqDitAccNBwYCTgCqRzuPo
vu9L93MRWHHuUw==
-----END CERTIFICATE-----
`,
};

export const clientCertificate: PemPair = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgewiSl73jWSKDXlRo
dr6cGAAUbH1VkpFVXTMeaRUBWLyhRANCAAQA1x9nyxDEzi5IsxhuVpANWnUW+opE
IwrH1c5HljGemb8WW6OQjhfQRDpPT1qsRtzkAZ9D352cznF56oUfgX1p
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBtjCCAVugAwIBAgIUL+AEBhdWFvzd5d1svrl9JJ0rjyAwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMTMwNjIwWhgPMjEy
NjEwMjgxMzA2MjBaMEExCzAJBgNVBAYTAkRFMRMwEQYDVQQKDApBY21lLCBJbmMu
MQ0wCwYDVQQLDAREYXRhMQ4wDAYDVQQDDAVhbGljZTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABADXH2fLEMTOLkizGG5WkA1adRb6ikQjCsfVzkeWMZ6ZvxZbo5CO
F9BEOk9PWqxG3OQBn0PfnZzOcXnqhR+BfWmjVzBVMBMGA1UdJQQMMAoGCCsGAQUF
BwMCMB0GA1UdDgQWBBSoUNhwdavI90ND95dO9AoicFk1fjAfBgNVHSMEGDAWgBQY
lt+Gxzi+JH8I+YKtUu0YmpjxZjAKBggqhkjOPQQDAgNJADBGAiEAgo8YDraT8vxe
/jDxGgQmN+MpHey8zsuRZIqKfPND7v0CIQC2n0genZVQHgl0VR+dr1LqWBb2qDhn
NW0Zxo2Dr7q3kg==
-----END CERTIFICATE-----
`,
};

/** The client's subject as Java prints it. */
export const CLIENT_NAME = "CN=alice,OU=Data,O=Acme\\, Inc.,C=DE";

/** Signed by itself. */
export const strangersCertificate: PemPair = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnPCrkTEQqDIrOfk8
x2EEq3OLvTsrxd8+x149WkiNXQWhRANCAAT+9EMw+TiYKT6Via18jy1scYQMeUjh
yjKpwCxZEsMZGv1WhVZx63TI1h/PzAYe7cUB0Pr+elHfdftuWiaPJlAw
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBfDCCASOgAwIBAgIUYmYrOR77ggLqiBTkUi4zG+DMd/cwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIc3RyYW5nZXIwIBcNMjYxMTIxMTMwNjIwWhgPMjEyNjEwMjgx
MzA2MjBaMBMxETAPBgNVBAMMCHN0cmFuZ2VyMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAE/vRDMPk4mCk+lYmtfI8tbHGEDHlI4coyqcAsWRLDGRr9VoVWcet0yNYf
z8wGHu3FAdD6/npR33X7blomjyZQMKNTMFEwHQYDVR0OBBYEFELXUz75FEf0TxPV
T5qMGxamCO61MB8GA1UdIwQYMBaAFELXUz75FEf0TxPVT5qMGxamCO61MA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgcb8wbFwvLPEDB5ItawQ0qCSN
ZgR1SeqBbnH/YSiwUE0CIG+UjmvZJ0kCTmJboBnlFAGzeUkAI7y/fZF5a5AEERC7
-----END CERTIFICATE-----
`,
};
