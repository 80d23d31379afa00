#include "services/s3/bucket_policy.h"

#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "services/s3/settings.h"
#include "wire/encoding.h"
#include "wire/json_value.h"

namespace tarn::s3 {
namespace {

using iam::policy::Document;

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html
constexpr std::size_t kMaxPolicyBytes = 20 << 10;
constexpr std::string_view kExistingTag = "s3:existingobjecttag/";

tarn::Error malformed(std::string message) {
  return tarn::Error("MalformedPolicy", std::move(message), 400);
}

// Bucket and key of "arn:aws:s3:::bucket/key".
std::pair<std::string, std::string> split_arn(std::string_view arn) {
  std::string_view name =
      arn.substr(arn.rfind(":::") == std::string_view::npos ? arn.size() : arn.find(":::") + 3);
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return {std::string(name), std::string()};
  return {std::string(name.substr(0, slash)), std::string(name.substr(slash + 1))};
}

tarn::Error no_policy(const std::string& bucket) {
  tarn::Error error("NoSuchBucketPolicy", "The bucket policy does not exist", 404);
  error.details.emplace_back("BucketName", bucket);
  return error;
}

tarn::Error public_policy_blocked(const Caller& caller, const std::string& bucket) {
  return tarn::Error(
      "AccessDenied",
      fmt::format("User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"{}\" "
                  "because public policies are prevented by the BlockPublicPolicy setting in S3 "
                  "Block Public Access. Take the block away first: `aws s3api "
                  "delete-public-access-block --bucket {}`.",
                  caller.arn, make_arn("s3", "", "", bucket), bucket),
      403);
}

// Adds to a statement that it holds for callers of `account` alone.
void restrict_statement(nlohmann::json& statement, const std::string& account) {
  if (statement.value("Effect", "") != "Allow") return;
  statement["Condition"]["StringEquals"]["aws:PrincipalAccount"] = account;
}

}  // namespace

Result<std::shared_ptr<const Document>> read_bucket_policy(const std::string& bucket,
                                                           const std::string& text) {
  if (text.size() > kMaxPolicyBytes) {
    return malformed(fmt::format("The policy has {} bytes, more than the {} that a bucket's may.",
                                 text.size(), kMaxPolicyBytes));
  }
  auto document = Document::parse(text, Document::Kind::kResource);
  if (!document.ok()) return malformed(document.error().message);
  const std::string arn = make_arn("s3", "", "", bucket);
  for (const std::string& resource : (*document)->resources()) {
    const bool own =
        resource.starts_with(arn) && (resource.size() == arn.size() ||
                                      resource[arn.size()] == '/' || resource[arn.size()] == '*');
    if (!own) {
      return malformed(fmt::format("Policy has invalid resource: {} is neither {} nor below it.",
                                   resource, arn));
    }
  }
  return std::move(document).value();
}

Result<std::shared_ptr<const Document>> restrict_to_account(const Document& policy,
                                                            const std::string& account) {
  nlohmann::json json = wire::parse_json(policy.text());
  if (json.is_discarded() || !json.contains("Statement")) return malformed("It is no policy.");
  nlohmann::json& statements = json["Statement"];
  if (statements.is_object()) restrict_statement(statements, account);
  if (statements.is_array()) {
    for (nlohmann::json& statement : statements) restrict_statement(statement, account);
  }
  return Document::parse(json.dump(), Document::Kind::kResource);
}

std::shared_ptr<const Document> BucketPolicies::find(std::string_view resource_arn) const {
  return settings_.find(split_arn(resource_arn).first)->enforced_policy;
}

iam::policy::Values BucketPolicies::values(std::string_view key,
                                           std::string_view resource_arn) const {
  if (!key.starts_with(kExistingTag)) return {};
  const auto [bucket, object_key] = split_arn(resource_arn);
  const Result<StoredObject> object = objects_.head(bucket, object_key);
  if (!object.ok()) return {};
  for (const auto& [name, value] : object->tags) {
    if (wire::to_lower(name) == key.substr(kExistingTag.size())) return {value};
  }
  return {};
}

Task<Result<wire::Unit>> handle(PutBucketPolicy, S3& s3, const Caller& caller,
                                PutBucketPolicyRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_TRY(const auto document, read_bucket_policy(input.bucket, input.policy));
  const auto settings = s3.settings.find(input.bucket);
  const auto& access = settings->public_access;
  if (access && access->block_public_policy.value_or(false) && document->is_public()) {
    co_return public_policy_blocked(caller, input.bucket);
  }
  std::optional<std::string> text = std::move(input.policy);
  TARN_CO_CHECK(
      co_await s3.settings.set(std::move(input.bucket), setting::kPolicy, std::move(text)));
  co_return wire::Unit();
}

Task<Result<GetBucketPolicyOutput>> handle(GetBucketPolicy, S3& s3, const Caller&,
                                           GetBucketPolicyRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  const auto settings = s3.settings.find(input.bucket);
  const std::string* text = settings->find(setting::kPolicy);
  if (text == nullptr) co_return no_policy(input.bucket);
  GetBucketPolicyOutput out;
  out.policy = *text;
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteBucketPolicy, S3& s3, const Caller&,
                                DeleteBucketPolicyRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  std::optional<std::string> none;
  TARN_CO_CHECK(
      co_await s3.settings.set(std::move(input.bucket), setting::kPolicy, std::move(none)));
  co_return wire::Unit();
}

Task<Result<GetBucketPolicyStatusOutput>> handle(GetBucketPolicyStatus, S3& s3, const Caller&,
                                                 GetBucketPolicyStatusRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  const auto settings = s3.settings.find(input.bucket);
  if (!settings->policy) co_return no_policy(input.bucket);
  GetBucketPolicyStatusOutput out;
  out.policy_status.emplace().is_public = settings->policy->is_public();
  co_return out;
}

}  // namespace tarn::s3
