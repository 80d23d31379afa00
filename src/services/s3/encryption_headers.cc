#include "services/s3/encryption_headers.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view kAes256 = values::server_side_encryption::kAes256;
constexpr std::string_view kKms = values::server_side_encryption::kAwsKms;

tarn::Error needs_kms() {
  return tarn::Error("InvalidArgument",
                     "Server Side Encryption with AWS KMS managed key requires HTTP header "
                     "x-amz-server-side-encryption : aws:kms");
}

}  // namespace

std::string_view encryption_name(EncryptionKind kind) {
  switch (kind) {
    case EncryptionKind::kNone: return {};
    case EncryptionKind::kS3: return kAes256;
    case EncryptionKind::kKms: break;
  }
  return kKms;
}

Status check_algorithm(const std::string& algorithm) {
  if (algorithm == kAes256 || algorithm == kKms) return {};
  return not_here("x-amz-server-side-encryption", algorithm + ": use AES256 or aws:kms");
}

EncryptionRequest default_encryption(const ServerSideEncryptionConfiguration& configuration) {
  EncryptionRequest out;
  if (configuration.rules.empty()) return out;
  const ServerSideEncryptionRule& rule = configuration.rules.front();
  if (!rule.apply_server_side_encryption_by_default) return out;
  const ServerSideEncryptionByDefault& usual = *rule.apply_server_side_encryption_by_default;
  if (usual.sse_algorithm != kKms) return out;
  out.kind = EncryptionKind::kKms;
  out.key = usual.kms_master_key_id.value_or("");
  out.bucket_key = rule.bucket_key_enabled.value_or(false);
  return out;
}

Result<EncryptionRequest> read_encryption(const EncryptionHeaders& headers) {
  EncryptionRequest out;
  out.bucket_key = headers.bucket_key;
  if (headers.algorithm) TARN_CHECK(check_algorithm(*headers.algorithm));
  const bool kms = headers.algorithm == kKms;
  if ((headers.key || headers.context) && !kms) return needs_kms();
  if (!headers.algorithm) return out;
  out.kind = kms ? EncryptionKind::kKms : EncryptionKind::kS3;
  out.key = headers.key.value_or("");
  if (headers.context) {
    out.context = wire::from_base64(*headers.context).value_or("");
    TARN_CHECK(parse_context(out.context));
  }
  return out;
}

}  // namespace tarn::s3
