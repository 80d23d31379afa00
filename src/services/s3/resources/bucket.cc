// AWS::S3::Bucket and AWS::S3::BucketPolicy.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "services/s3/resources/bucket_read.h"
#include "services/s3/resources/resources.h"

namespace tarn::s3 {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::PresentResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

constexpr std::size_t kMaxBucketName = 63;

// A name that is made up, in the letters that a bucket may have.
std::string bucket_name(const ResourceOrder& order) {
  const auto given = order.properties.find("BucketName");
  if (given != order.properties.end()) return given->get<std::string>();
  std::string name = order.physical_name;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name.size() > kMaxBucketName) name.erase(0, name.size() - kMaxBucketName);
  return name;
}

// A setting of a bucket: the property, the action that sets it, where its document goes, and the
// action that takes it away.
struct Setting {
  std::string_view property;
  std::string_view action;
  std::string_view member;
  std::string_view removal;
};
constexpr std::array<Setting, 4> kSettings = {{
    {"VersioningConfiguration", "s3:PutBucketVersioning", "VersioningConfiguration", ""},
    {"PublicAccessBlockConfiguration", "s3:PutPublicAccessBlock", "PublicAccessBlockConfiguration",
     "s3:DeletePublicAccessBlock"},
    {"OwnershipControls", "s3:PutBucketOwnershipControls", "OwnershipControls",
     "s3:DeleteBucketOwnershipControls"},
    {"BucketEncryption", "s3:PutBucketEncryption", "ServerSideEncryptionConfiguration",
     "s3:DeleteBucketEncryption"},
}};

// What a template calls otherwise than the API does.
Json setting_document(std::string_view property, const Json& given) {
  // The wire has "Rule" where templates have "Rules".
  if (property == "OwnershipControls") return Json{{"Rule", given.value("Rules", Json::array())}};
  if (property != "BucketEncryption") return given;
  Json rules = Json::array();
  for (const Json& rule : given.value("ServerSideEncryptionConfiguration", Json::array())) {
    Json out = rule;
    if (out.contains("ServerSideEncryptionByDefault")) {
      out["ApplyServerSideEncryptionByDefault"] = out["ServerSideEncryptionByDefault"];
      out.erase("ServerSideEncryptionByDefault");
    }
    rules.push_back(std::move(out));
  }
  return Json{{"Rule", std::move(rules)}};
}

// Whether nobody has asked for any of the tags.
bool has_only_marks(const Json& tags) {
  return std::all_of(tags.begin(), tags.end(), [](const Json& tag) {
    return tag["Key"].get<std::string>().starts_with(cloudformation::kTagPrefix);
  });
}

class BucketType final : public cloudformation::ResourceType {
 public:
  explicit BucketType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::S3::Bucket"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 6> kProperties = {{replacing("BucketName"),
                                                             {"VersioningConfiguration"},
                                                             {"PublicAccessBlockConfiguration"},
                                                             {"OwnershipControls"},
                                                             {"BucketEncryption"},
                                                             {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override;
  std::string_view identifier() const override { return "BucketName"; }
  Task<Result<std::optional<PresentResource>>> read(ResourceOrder order) const override {
    co_return co_await read_bucket(calls_, std::move(order));
  }

 private:
  // Each setting that differs from what it was before.
  [[nodiscard]] Task<Status> set_all(std::string name, const ResourceOrder& order,
                                     const ResourceBefore& before) const;
  [[nodiscard]] Task<Status> set(Caller caller, std::string action, Json input) const {
    TARN_CO_TRY(const Json done,
                co_await calls_.call(std::move(action), std::move(caller), std::move(input)));
    co_return Status();
  }

  const gateway::InProcess& calls_;
};

Task<Result<MadeResource>> BucketType::create(ResourceOrder order) const {
  const std::string name = bucket_name(order);
  Json input = {{"Bucket", name}};
  if (order.caller.region != "us-east-1")
    input["CreateBucketConfiguration"] = {{"LocationConstraint", order.caller.region}};
  auto made = co_await calls_.call("s3:CreateBucket", order.caller, std::move(input));
  const bool is_there =
      !made.ok() && order.is_repeated && made.error().is("BucketAlreadyOwnedByYou");
  if (!made.ok() && !is_there) co_return std::move(made).error();
  const ResourceBefore nothing;
  TARN_CO_CHECK(co_await set_all(name, order, nothing));
  co_return MadeResource{name, bucket_attributes(name, order.caller.region)};
}

Task<Status> BucketType::set_all(std::string name, const ResourceOrder& order,
                                 const ResourceBefore& before) const {
  for (const Setting& setting : kSettings) {
    if (!cloudformation::differs(before.properties, order.properties, setting.property)) continue;
    Json document = {{"Bucket", name}};
    std::string action(setting.action);
    const auto given = order.properties.find(setting.property);
    if (given != order.properties.end()) {
      document[std::string(setting.member)] = setting_document(setting.property, *given);
    } else if (setting.removal.empty()) {
      // Versions are never taken away, only no more made.
      document["VersioningConfiguration"] = {{"Status", "Suspended"}};
    } else {
      action = setting.removal;
    }
    TARN_CO_CHECK(co_await set(order.caller, std::move(action), std::move(document)));
  }
  if (!cloudformation::tags_differ(order, before)) co_return Status();
  const Json tags = cloudformation::tag_list(order);
  Json document = {{"Bucket", name}};
  std::string action = tags.empty() ? "s3:DeleteBucketTagging" : "s3:PutBucketTagging";
  if (!tags.empty()) document["Tagging"] = {{"TagSet", tags}};
  const Status tagged = co_await set(order.caller, std::move(action), std::move(document));
  // Who may not tag has a new bucket without the stack's own marks, as on AWS.
  const bool is_new = before.tags.empty() && before.properties.empty();
  if (!tagged.ok() && tagged.error().is("AccessDenied") && is_new && has_only_marks(tags))
    co_return Status();
  co_return tagged;
}

Task<Result<MadeResource>> BucketType::update(ResourceOrder order, ResourceBefore before) const {
  std::string name = order.physical_id;
  TARN_CO_CHECK(co_await set_all(std::move(name), order, before));
  co_return MadeResource{order.physical_id, order.attributes};
}

Task<Status> BucketType::remove(ResourceOrder order) const {
  Json input = {{"Bucket", order.physical_id}};
  auto done = co_await calls_.call("s3:DeleteBucket", order.caller, std::move(input));
  if (done.ok() || done.error().is("NoSuchBucket")) co_return Status();
  co_return tarn::Error(done.error().code,
                        fmt::format("{} (bucket {}; empty it first: aws s3 rm "
                                    "s3://{} --recursive)",
                                    done.error().message, order.physical_id, order.physical_id));
}

class BucketPolicyType final : public cloudformation::ResourceType {
 public:
  explicit BucketPolicyType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::S3::BucketPolicy"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 2> kProperties = {
        {replacing("Bucket", true), {"PolicyDocument", true}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    const auto bucket = order.properties["Bucket"].get<std::string>();
    const Json& policy = order.properties["PolicyDocument"];
    Json input = {{"Bucket", bucket},
                  {"Policy", policy.is_string() ? policy.get<std::string>() : policy.dump()}};
    TARN_CO_TRY(const Json done,
                co_await calls_.call("s3:PutBucketPolicy", order.caller, std::move(input)));
    co_return MadeResource{bucket, Json::object()};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    co_return co_await create(std::move(order));
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"Bucket", order.physical_id}};
    auto done = co_await calls_.call("s3:DeleteBucketPolicy", order.caller, std::move(input));
    if (done.ok() || done.error().is("NoSuchBucket") || done.error().is("NoSuchBucketPolicy"))
      co_return Status();
    co_return std::move(done).error();
  }

 private:
  const gateway::InProcess& calls_;
};

}  // namespace

std::unique_ptr<cloudformation::ResourceType> bucket_type(const gateway::InProcess& calls) {
  return std::make_unique<BucketType>(calls);
}

std::unique_ptr<cloudformation::ResourceType> bucket_policy_type(const gateway::InProcess& calls) {
  return std::make_unique<BucketPolicyType>(calls);
}

}  // namespace tarn::s3
