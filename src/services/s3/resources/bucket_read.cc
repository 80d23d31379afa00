#include "services/s3/resources/bucket_read.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "gateway/present.h"

namespace tarn::s3 {
namespace {

using cloudformation::Json;
using cloudformation::PresentResource;
using cloudformation::ResourceOrder;

// A document of a bucket: the action that tells it, its member there, and the error that says that
// there is none.
struct ToldSetting {
  std::string_view property;
  std::string_view action;
  std::string_view member;
  std::string_view absent;
};
constexpr std::array<ToldSetting, 3> kToldSettings = {{
    {"PublicAccessBlockConfiguration", "s3:GetPublicAccessBlock", "PublicAccessBlockConfiguration",
     "NoSuchPublicAccessBlockConfiguration"},
    {"OwnershipControls", "s3:GetBucketOwnershipControls", "OwnershipControls",
     "OwnershipControlsNotFoundError"},
    {"BucketEncryption", "s3:GetBucketEncryption", "ServerSideEncryptionConfiguration",
     "ServerSideEncryptionConfigurationNotFoundError"},
}};

// What the API calls otherwise than templates do.
Json told_document_of(std::string_view property, const Json& told) {
  if (property == "PublicAccessBlockConfiguration") return told;
  Json rules = told.value("Rule", Json::array());
  if (property == "OwnershipControls") return Json{{"Rules", std::move(rules)}};
  for (Json& rule : rules) {
    const auto usual = rule.find("ApplyServerSideEncryptionByDefault");
    if (usual == rule.end()) continue;
    Json moved = std::move(*usual);
    rule.erase(usual);
    rule["ServerSideEncryptionByDefault"] = std::move(moved);
  }
  return Json{{"ServerSideEncryptionConfiguration", std::move(rules)}};
}

}  // namespace

Json bucket_attributes(const std::string& name, const std::string& region) {
  const std::string host = fmt::format("{}.s3", name);
  return {{"Arn", fmt::format("arn:{}:s3:::{}", kPartition, name)},
          {"DomainName", host + ".amazonaws.com"},
          {"RegionalDomainName", fmt::format("{}.{}.amazonaws.com", host, region)}};
}

Task<Result<std::optional<PresentResource>>> read_bucket(const gateway::InProcess& calls,
                                                         ResourceOrder order) {
  const Json asked = {{"Bucket", order.physical_id}};
  std::string absent = "NoSuchBucket";
  std::string action = "s3:GetBucketVersioning";
  TARN_CO_TRY(const Json versioning, co_await gateway::ask(calls, std::move(action), order.caller,
                                                           asked, std::move(absent)));
  if (versioning.is_null()) co_return std::optional<PresentResource>();
  PresentResource out;
  out.properties["BucketName"] = order.physical_id;
  if (versioning.contains("Status"))
    out.properties["VersioningConfiguration"] = cloudformation::pick(versioning, {"Status"});
  for (const ToldSetting& setting : kToldSettings) {
    action = setting.action;
    absent = setting.absent;
    TARN_CO_TRY(const Json told, co_await gateway::ask(calls, std::move(action), order.caller,
                                                       asked, std::move(absent)));
    const auto document = told.find(setting.member);
    if (document != told.end())
      out.properties[std::string(setting.property)] = told_document_of(setting.property, *document);
  }
  action = "s3:GetBucketTagging";
  absent = "NoSuchTagSet";
  TARN_CO_TRY(const Json tags, co_await gateway::ask(calls, std::move(action), order.caller, asked,
                                                     std::move(absent)));
  const Json none = Json::array();
  gateway::tell_tags(order, tags.is_null() ? none : tags["TagSet"], out.properties);
  out.attributes = bucket_attributes(order.physical_id, order.caller.region);
  co_return std::optional(std::move(out));
}

}  // namespace tarn::s3
