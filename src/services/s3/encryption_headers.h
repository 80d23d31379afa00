// x-amz-server-side-encryption*: what requests ask for and answers show.
//
// Place: services/s3, for its handlers. Threads: pure functions.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "services/s3/encryption.h"
#include "services/s3/shapes.h"
#include "wire/encoding.h"

namespace tarn::s3 {

// As x-amz-server-side-encryption has it; empty: not encrypted.
[[nodiscard]] std::string_view encryption_name(EncryptionKind kind);

// Error: NotImplemented, for all but AES256 and aws:kms.
[[nodiscard]] Status check_algorithm(const std::string& algorithm);

// What a bucket's configuration asks for.
[[nodiscard]] EncryptionRequest default_encryption(
    const ServerSideEncryptionConfiguration& configuration);

// The headers of a request that makes an object, as they came.
struct EncryptionHeaders {
  std::optional<std::string> algorithm;
  std::optional<std::string> key;
  std::optional<std::string> context;  // base64 of JSON
  std::optional<bool> bucket_key;
};

// Errors: InvalidArgument, NotImplemented (aws:kms:dsse and the algorithms of other services).
[[nodiscard]] Result<EncryptionRequest> read_encryption(const EncryptionHeaders& headers);

template <class Input>
Result<EncryptionRequest> read_encryption(const Input& input)
  requires requires { input.ssekms_key_id; }
{
  return read_encryption(EncryptionHeaders{input.server_side_encryption, input.ssekms_key_id,
                                           input.ssekms_encryption_context,
                                           input.bucket_key_enabled});
}

// Keys that a client brings itself. Error: NotImplemented.
template <class Input>
Status refuse_customer_keys(const Input& input) {
  bool given = input.sse_customer_algorithm || input.sse_customer_key;
  if constexpr (requires { input.copy_source_sse_customer_key; }) {
    given = given || input.copy_source_sse_customer_algorithm || input.copy_source_sse_customer_key;
  }
  if (!given) return {};
  return not_here("x-amz-server-side-encryption-customer-algorithm",
                  "SSE-C: use a KMS key (aws:kms)");
}

template <class Output>
void show_encryption(Output& out, const StoredEncryption& stored) {
  if (stored.kind == EncryptionKind::kNone) return;
  out.server_side_encryption = encryption_name(stored.kind);
  if (stored.kind != EncryptionKind::kKms) return;
  out.ssekms_key_id = stored.key_arn;
  if (stored.bucket_key) out.bucket_key_enabled = true;
  if constexpr (requires { out.ssekms_encryption_context; }) {
    if (!stored.context.empty()) out.ssekms_encryption_context = wire::to_base64(stored.context);
  }
}

}  // namespace tarn::s3
