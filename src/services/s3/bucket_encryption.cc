// PutBucketEncryption, GetBucketEncryption, DeleteBucketEncryption.
#include <utility>

#include "services/s3/bucket_settings.h"
#include "services/s3/encryption_headers.h"
#include "services/s3/settings.h"
#include "services/s3/shapes.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view kDefaultAlgorithm = values::server_side_encryption::kAes256;

// Errors: MalformedXML, InvalidArgument, NotImplemented.
Status check(const ServerSideEncryptionConfiguration& configuration) {
  const tarn::Error malformed("MalformedXML",
                              "The XML you provided was not well-formed or did not validate "
                              "against our published schema");
  if (configuration.rules.size() != 1) return malformed;
  const ServerSideEncryptionRule& rule = configuration.rules.front();
  if (!rule.apply_server_side_encryption_by_default) return malformed;
  const ServerSideEncryptionByDefault& usual = *rule.apply_server_side_encryption_by_default;
  TARN_CHECK(check_algorithm(usual.sse_algorithm));
  if (usual.sse_algorithm == kDefaultAlgorithm && usual.kms_master_key_id) {
    return tarn::Error("InvalidArgument",
                       "a KMSMasterKeyID is not applicable if the default sse algorithm is not "
                       "aws:kms or aws:kms:dsse");
  }
  return {};
}

// What AWS has for a bucket of which nothing was set.
ServerSideEncryptionConfiguration usual_configuration() {
  ServerSideEncryptionConfiguration out;
  ServerSideEncryptionRule& rule = out.rules.emplace_back();
  rule.apply_server_side_encryption_by_default.emplace().sse_algorithm = kDefaultAlgorithm;
  rule.bucket_key_enabled = false;
  return out;
}

}  // namespace

Task<Result<wire::Unit>> handle(PutBucketEncryption, S3& s3, const Caller&,
                                PutBucketEncryptionRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  ServerSideEncryptionConfiguration& configuration = input.server_side_encryption_configuration;
  TARN_CO_CHECK(check(configuration));
  ServerSideEncryptionRule& rule = configuration.rules.front();
  if (!rule.bucket_key_enabled) rule.bucket_key_enabled = false;
  std::optional<std::string> document =
      to_document(configuration, "ServerSideEncryptionConfiguration");
  TARN_CO_CHECK(
      co_await s3.settings.set(std::move(input.bucket), setting::kEncryption, std::move(document)));
  co_return wire::Unit();
}

Task<Result<GetBucketEncryptionOutput>> handle(GetBucketEncryption, S3& s3, const Caller&,
                                               GetBucketEncryptionRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  const auto settings = s3.settings.find(input.bucket);
  GetBucketEncryptionOutput out;
  out.server_side_encryption_configuration = usual_configuration();
  if (const std::string* document = settings->find(setting::kEncryption)) {
    TARN_CO_TRY(out.server_side_encryption_configuration,
                from_document<ServerSideEncryptionConfiguration>(*document));
  }
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteBucketEncryption, S3& s3, const Caller&,
                                DeleteBucketEncryptionRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  std::optional<std::string> none;
  TARN_CO_CHECK(
      co_await s3.settings.set(std::move(input.bucket), setting::kEncryption, std::move(none)));
  co_return wire::Unit();
}

}  // namespace tarn::s3
