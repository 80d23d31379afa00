#include "services/s3/encryption.h"

#include <utility>

#include "base/ids.h"
#include "wire/json_value.h"

namespace tarn::s3 {
namespace {

// AWS owned: the account sees and changes nothing of it
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingServerSideEncryption.html).
constexpr std::string_view kOwnKey = "aws-owned/s3";
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
constexpr std::string_view kManagedKey = "alias/aws/s3";
// S3 binds every data key to its object, or with bucket keys to its bucket.
constexpr std::string_view kContextName = "aws:s3:arn";

// A failure of KMS as S3 words it; failures of this machine stay what they are.
tarn::Error of_kms(tarn::Error error) {
  if (error.code.starts_with("Tarn.") || error.http_status >= 500) return error;
  if (error.code.starts_with("AccessDenied")) {
    return tarn::Error("AccessDenied", std::move(error.message), 403);
  }
  return tarn::Error("KMS." + error.code, std::move(error.message), 400);
}

Result<kms::EncryptionContext> context_of(std::string_view bucket, std::string_view key,
                                          const StoredEncryption& stored) {
  kms::EncryptionContext context;
  if (!stored.context.empty()) {
    TARN_TRY(context, parse_context(stored.context));
  }
  std::string resource(bucket);
  if (!stored.bucket_key) resource.append("/").append(key);
  context.emplace(kContextName, make_arn("s3", "", "", resource));
  return context;
}

// For whom KMS is asked. S3's own key serves everybody who may use the object.
Result<Caller> who_asks(const std::optional<Caller>& caller, EncryptionKind kind) {
  Caller server;
  server.kind = Caller::Kind::kService;
  if (!caller || kind != EncryptionKind::kKms) return server;
  if (caller->kind != Caller::Kind::kAnonymous) return *caller;
  return tarn::Error("InvalidArgument",
                     "Requests specifying Server Side Encryption with AWS KMS managed keys require "
                     "AWS Signature Version 4.",
                     400);
}

}  // namespace

Result<kms::EncryptionContext> parse_context(std::string_view json) {
  const tarn::Error wrong(
      "InvalidArgument",
      "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string "
      "holding JSON with the encryption context key-value pairs",
      400);
  const nlohmann::json value = wire::parse_json(json);
  if (!value.is_object()) return wrong;
  kms::EncryptionContext context;
  for (const auto& [name, entry] : value.items()) {
    if (!entry.is_string()) return wrong;
    context.emplace(name, entry.get<std::string>());
  }
  return context;
}

Task<Result<ObjectKey>> Encryption::begin(StoredBucket bucket, std::string key,
                                          EncryptionRequest request, std::optional<Caller> caller) {
  const EncryptionRequest usual = default_ ? default_(bucket.name) : EncryptionRequest();
  if (request.kind == EncryptionKind::kNone) {
    const std::optional<bool> asked = request.bucket_key;
    request = usual;
    if (asked) request.bucket_key = asked;
  }
  ObjectKey made;
  made.stored.kind = EncryptionKind::kS3;
  std::string wrapping(kOwnKey);
  if (request.kind == EncryptionKind::kKms) {
    const bool of_bucket = usual.kind == EncryptionKind::kKms && usual.bucket_key.value_or(false);
    made.stored.kind = EncryptionKind::kKms;
    made.stored.bucket_key = request.bucket_key.value_or(of_bucket);
    made.stored.context = std::move(request.context);
    wrapping = request.key.empty() ? kManagedKey : std::move(request.key);
  }
  TARN_CO_TRY(Caller asking, who_asks(caller, made.stored.kind));
  if (asking.account_id.empty()) asking.account_id = bucket.owner;
  asking.region = bucket.region;  // a key must be of the bucket's Region
  TARN_CO_TRY(kms::EncryptionContext context, context_of(bucket.name, key, made.stored));
  Result<kms::DataKey> data_key =
      co_await keys_.generate_data_key(std::move(asking), std::move(wrapping), std::move(context));
  if (!data_key.ok()) co_return of_kms(std::move(data_key).error());
  made.stored.data_key = std::move(data_key->ciphertext);
  if (made.stored.kind == EncryptionKind::kKms) made.stored.key_arn = std::move(data_key->key_arn);
  made.data_key = std::move(data_key->plaintext);
  co_return made;
}

Result<std::string> Encryption::open(const std::optional<Caller>& caller, std::string_view bucket,
                                     std::string_view key, const StoredEncryption& stored) {
  if (stored.kind == EncryptionKind::kNone) return std::string();
  TARN_TRY(const Caller asking, who_asks(caller, stored.kind));
  if (stored.kind == EncryptionKind::kKms) {
    // Says which key it is that can't be used.
    const Result<std::string> usable = keys_.resolve(asking, stored.key_arn);
    if (!usable.ok()) return of_kms(usable.error());
  }
  TARN_TRY(const kms::EncryptionContext context, context_of(bucket, key, stored));
  Result<std::string> opened = keys_.decrypt(asking, stored.data_key, context);
  if (opened.ok()) return opened;
  if (opened.error().is("InvalidCiphertextException")) {
    return tarn::Error(code::kCorrupt, "the data key of s3://" + std::string(bucket) + "/" +
                                           std::string(key) + " does not open");
  }
  return of_kms(std::move(opened).error());
}

}  // namespace tarn::s3
