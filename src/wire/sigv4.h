// AWS Signature Version 4: reading, checking and making signatures, in headers and in presigned
// URLs.
//
// Place: wire; the gateway checks with it, tarn's own clients (generate, bench) sign with it.
// Threads: pure functions.
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/clock.h"
#include "wire/http.h"

namespace tarn::wire {

inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// What a request says of its own signature.
struct Signature {
  int version = 4;  // 2: a presigned URL of S3 in the old form (sigv2.h)
  std::string access_key_id;
  std::string date;                         // "20261122"
  std::string region;                       // "us-west-2"
  std::string service;                      // "kinesis"
  std::vector<std::string> signed_headers;  // lower case, sorted by the client
  std::string value;                        // 64 hex digits
  std::string session_token;                // empty: none
  std::string amz_date;                     // "20261122T200000Z"
  Timestamp time;
  bool presigned = false;
  std::chrono::seconds expires{0};  // presigned: after `time`

  // "20261122/us-west-2/kinesis/aws4_request"
  [[nodiscard]] std::string scope() const;
};

// The signature of `request`; nullopt for an anonymous one.
// Errors: AccessDenied (an incomplete signature of version 2), IncompleteSignature (a part is
// missing or malformed, by its name).
[[nodiscard]] Result<std::optional<Signature>> find_signature(const Request& request);

[[nodiscard]] std::string signing_key(std::string_view secret, std::string_view date,
                                      std::string_view region, std::string_view service);

// The hex signature that `secret` gives to `request` under the terms of `signature`. `payload_hash`
// is the hex SHA-256 of the body, or the value of x-amz-content-sha256.
[[nodiscard]] std::string expected_signature(const Request& request, const Signature& signature,
                                             std::string_view secret,
                                             std::string_view payload_hash);

// For clients: adds X-Amz-Date, X-Amz-Security-Token where given, X-Amz-Content-Sha256 and
// Authorization to `request`, whose Host header must be set.
struct SigningKeys {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;
};
void sign(Request& request, const SigningKeys& keys, std::string_view region,
          std::string_view service, Timestamp now, std::string_view body);

}  // namespace tarn::wire
