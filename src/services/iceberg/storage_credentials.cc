#include "services/iceberg/storage_credentials.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "services/iam/policy/document.h"
#include "services/iceberg/error.h"
#include "services/iceberg/json.h"
#include "services/iceberg/metadata_files.h"

namespace tarn::iceberg {
namespace {

// "*", "?" and "$" stand for themselves when written so
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
std::string literal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '$') {
      out += fmt::format("${{{}}}", c);
    } else {
      out += c;
    }
  }
  return out;
}

Json allow_statement(std::vector<std::string> actions, std::vector<std::string> resources) {
  Json out;
  out["Effect"] = "Allow";
  out["Action"] = std::move(actions);
  out["Resource"] = std::move(resources);
  return out;
}

}  // namespace

Result<std::string> policy_of(const Grant& grant) {
  std::vector<std::string> objects;
  std::map<std::string, std::vector<std::string>> prefixes;
  for (const auto& location : grant.locations) {
    TARN_TRY(const S3Location at, parse_location(location));
    std::string folder = literal(strip_slashes(at.key));
    if (!folder.empty()) folder += "/";
    const std::string bucket = fmt::format("arn:{}:s3:::{}", kPartition, at.bucket);
    objects.push_back(fmt::format("{}/{}*", bucket, folder));
    prefixes[bucket].push_back(folder + "*");
  }
  Json statements = Json::array();
  std::vector<std::string> actions = {"s3:GetObject"};
  if (grant.write) {
    for (const char* action : {"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload",
                               "s3:ListMultipartUploadParts"})
      actions.emplace_back(action);
  }
  statements.push_back(allow_statement(std::move(actions), std::move(objects)));
  for (const auto& [bucket, folders] : prefixes) {
    Json list = allow_statement({"s3:ListBucket"}, {bucket});
    list["Condition"]["StringLike"]["s3:prefix"] = folders;
    statements.push_back(std::move(list));
    statements.push_back(allow_statement({"s3:GetBucketLocation"}, {bucket}));
  }
  if (!grant.glue_actions.empty())
    statements.push_back(allow_statement(grant.glue_actions, grant.glue_resources));
  Json out;
  out["Version"] = "2012-10-17";
  out["Statement"] = std::move(statements);
  return dump(out);
}

Result<iam::Credential> StorageCredentials::issue(const std::string& access_key_id,
                                                  const Grant& grant) {
  TARN_TRY(const std::string text, policy_of(grant));
  const std::string key = access_key_id + text;
  const Timestamp now = clock_.now();
  {
    const std::lock_guard held(mutex_);
    const auto found = remembered_.find(key);
    if (found != remembered_.end() &&
        *found->second.expires > now + std::chrono::milliseconds(kLife) / 2)
      return found->second;
  }
  const auto owner = credentials_.find(access_key_id);
  if (!owner) return not_authorized("The key of this request is not known any more.");
  TARN_TRY(auto policy, iam::policy::Document::parse(text, iam::policy::Document::Kind::kIdentity));
  auto life = kLife;
  if (owner->expires) {
    const auto left = std::chrono::milliseconds(owner->expires->ms - now.ms);
    life = std::min(life, std::chrono::duration_cast<std::chrono::seconds>(left));
  }
  TARN_TRY(iam::Credential keys, credentials_.issue_session(*owner, life, std::move(policy)));
  const std::lock_guard held(mutex_);
  if (remembered_.size() >= kMaxRemembered) remembered_.clear();
  remembered_.insert_or_assign(key, keys);
  return keys;
}

}  // namespace tarn::iceberg
