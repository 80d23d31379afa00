// AWS::Lambda::Function.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-function.html
#include <array>
#include <utility>

#include <fmt/format.h>

#include "gateway/present.h"
#include "services/cloudformation/short_name.h"
#include "services/lambda/package.h"
#include "services/lambda/resources/resources.h"
#include "wire/encoding.h"

namespace tarn::lambda {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::PresentResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-function-code.html
constexpr std::size_t kMostInlineBytes = std::size_t{4} << 20;
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
constexpr std::size_t kMostFunctionName = 64;

// The code as the API takes it: text that stands in the template becomes a zip of one file.
Result<Json> code_of(const Json& properties) {
  const auto given = properties.find("Code");
  if (given == properties.end() || !given->is_object())
    return tarn::Error("InvalidParameterValueException", "Code must be an object");
  const auto text = given->find("ZipFile");
  if (text == given->end()) return *given;
  const std::string content = text->is_string() ? text->get<std::string>() : text->dump();
  if (content.size() > kMostInlineBytes) {
    return tarn::Error("InvalidParameterValueException",
                       fmt::format("Code.ZipFile has {} bytes; {} are allowed: put a zip into a "
                                   "bucket and name it by S3Bucket and S3Key.",
                                   content.size(), kMostInlineBytes));
  }
  const bool is_node = properties.value("Runtime", "").starts_with("nodejs");
  TARN_TRY(const std::string zip, zip_of({{is_node ? "index.js" : "index.py", content}}));
  return Json{{"ZipFile", wire::to_base64(zip)}};
}

Json settings_of(const Json& properties) {
  return cloudformation::pick(
      properties,
      {"Role", "Handler", "Description", "Timeout", "MemorySize", "VpcConfig", "Environment",
       "Runtime", "DeadLetterConfig", "KmsKeyArn", "TracingConfig", "Layers", "FileSystemConfigs",
       "ImageConfig", "EphemeralStorage", "SnapStart", "LoggingConfig"});
}

class FunctionType final : public cloudformation::ResourceType {
 public:
  explicit FunctionType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::Lambda::Function"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 24> kProperties = {{replacing("FunctionName"),
                                                              {"Code", true},
                                                              {"Role", true},
                                                              {"Handler"},
                                                              {"Description"},
                                                              {"Timeout"},
                                                              {"MemorySize"},
                                                              {"VpcConfig"},
                                                              {"Environment"},
                                                              {"Runtime"},
                                                              {"DeadLetterConfig"},
                                                              {"KmsKeyArn"},
                                                              {"TracingConfig"},
                                                              {"Layers"},
                                                              {"FileSystemConfigs"},
                                                              {"ImageConfig"},
                                                              {"EphemeralStorage"},
                                                              {"SnapStart"},
                                                              {"LoggingConfig"},
                                                              {"Architectures"},
                                                              {"CodeSigningConfigArn"},
                                                              {"ReservedConcurrentExecutions"},
                                                              replacing("PackageType"),
                                                              {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"FunctionName", order.physical_id}};
    auto gone = co_await calls_.call("lambda:DeleteFunction", order.caller, std::move(input));
    if (gone.ok() || gone.error().is("ResourceNotFoundException")) co_return Status();
    co_return std::move(gone).error();
  }
  std::string_view identifier() const override { return "FunctionName"; }
  Task<Result<std::optional<PresentResource>>> read(ResourceOrder order) const override;

 private:
  Task<Status> reserve(const ResourceOrder& order, std::string name) const;
  Task<Result<MadeResource>> describe(const ResourceOrder& order, std::string name) const;

  const gateway::InProcess& calls_;
};

Task<Result<MadeResource>> FunctionType::create(ResourceOrder order) const {
  const Json& properties = order.properties;
  Json input = settings_of(properties);
  const std::string name =
      properties.value("FunctionName", cloudformation::short_name(order, kMostFunctionName));
  input["FunctionName"] = name;
  TARN_CO_TRY(input["Code"], code_of(properties));
  for (const char* own : {"Architectures", "CodeSigningConfigArn", "PackageType"}) {
    if (properties.contains(own)) input[own] = properties[own];
  }
  Json tags = cloudformation::tag_map(order);
  if (!tags.empty()) input["Tags"] = std::move(tags);
  auto made = co_await calls_.call("lambda:CreateFunction", order.caller, std::move(input));
  const bool is_there =
      !made.ok() && order.is_repeated && made.error().is("ResourceConflictException");
  if (!made.ok() && !is_there) co_return std::move(made).error();
  TARN_CO_CHECK(co_await reserve(order, name));
  co_return co_await describe(order, name);
}

Task<Status> FunctionType::reserve(const ResourceOrder& order, std::string name) const {
  Json input = {{"FunctionName", name}};
  const auto reserved = order.properties.find("ReservedConcurrentExecutions");
  std::string action = "lambda:DeleteFunctionConcurrency";
  if (reserved != order.properties.end()) {
    action = "lambda:PutFunctionConcurrency";
    input["ReservedConcurrentExecutions"] = *reserved;
  } else if (order.physical_id.empty()) {
    co_return Status();
  }
  auto done = co_await calls_.call(std::move(action), order.caller, std::move(input));
  if (!done.ok()) co_return std::move(done).error();
  co_return Status();
}

Task<Result<MadeResource>> FunctionType::describe(const ResourceOrder& order,
                                                  std::string name) const {
  Json input = {{"FunctionName", name}};
  const std::string action = "lambda:GetFunctionConfiguration";
  // Who makes a function may be allowed no more than that.
  std::string arn = fmt::format("arn:aws:lambda:{}:{}:function:{}", order.caller.region,
                                order.caller.account_id, name);
  const auto found = co_await calls_.call(action, order.caller, std::move(input));
  if (found.ok()) arn = found->value("FunctionArn", arn);
  MadeResource out{std::move(name), Json::object()};
  out.attributes = {{"Arn", std::move(arn)}};
  co_return out;
}

Task<Result<MadeResource>> FunctionType::update(ResourceOrder order, ResourceBefore before) const {
  const std::string& name = order.physical_id;
  const Json& wanted = order.properties;
  std::vector<std::pair<std::string, Json>> steps;
  if (cloudformation::differs(before.properties, wanted, "Code") ||
      cloudformation::differs(before.properties, wanted, "Architectures")) {
    TARN_CO_TRY(Json input, code_of(wanted));
    input["FunctionName"] = name;
    if (wanted.contains("Architectures")) input["Architectures"] = wanted["Architectures"];
    steps.emplace_back("lambda:UpdateFunctionCode", std::move(input));
  }
  Json settings = settings_of(wanted);
  if (settings != settings_of(before.properties)) {
    // What is not set any more has its default again.
    for (const auto& [key, otherwise] : {std::pair<const char*, Json>{"Description", ""},
                                         {"Timeout", 3},
                                         {"MemorySize", 128},
                                         {"Environment", {{"Variables", Json::object()}}}}) {
      if (!settings.contains(key)) settings[key] = otherwise;
    }
    settings["FunctionName"] = name;
    steps.emplace_back("lambda:UpdateFunctionConfiguration", std::move(settings));
  }
  const std::string arn = order.attributes.value("Arn", name);
  const Json dropped = cloudformation::dropped_tags(order, before);
  if (!dropped.empty())
    steps.emplace_back("lambda:UntagResource", Json{{"ARN", arn}, {"tagKeys", dropped}});
  const Json tags = cloudformation::tag_map(order);
  if (cloudformation::tags_differ(order, before) && !tags.empty())
    steps.emplace_back("lambda:TagResource", Json{{"ARN", arn}, {"Tags", tags}});
  for (auto& [action, input] : steps) {
    TARN_CO_TRY(const Json done, co_await calls_.call(action, order.caller, std::move(input)));
  }
  if (cloudformation::differs(before.properties, wanted, "ReservedConcurrentExecutions"))
    TARN_CO_CHECK(co_await reserve(order, name));
  co_return MadeResource{name, order.attributes};
}

// What GetFunction tells of settings; some have other forms in templates.
Json told_settings(const Json& there) {
  Json out = cloudformation::pick(
      there,
      {"FunctionName", "Role", "Handler", "Description", "Timeout", "MemorySize", "VpcConfig",
       "Environment", "Runtime", "DeadLetterConfig", "TracingConfig", "FileSystemConfigs",
       "EphemeralStorage", "SnapStart", "LoggingConfig", "Architectures", "PackageType"});
  if (!out.contains("Environment")) out["Environment"] = {{"Variables", Json::object()}};
  if (there.contains("KMSKeyArn")) out["KmsKeyArn"] = there["KMSKeyArn"];
  if (!there.contains("Layers")) return out;
  for (const Json& layer : there["Layers"]) out["Layers"].push_back(layer["Arn"]);
  return out;
}

Task<Result<std::optional<PresentResource>>> FunctionType::read(ResourceOrder order) const {
  Json asked = {{"FunctionName", order.physical_id}};
  std::string absent = "ResourceNotFoundException";
  std::string action = "lambda:GetFunction";
  TARN_CO_TRY(const Json told, co_await gateway::ask(calls_, std::move(action), order.caller,
                                                     std::move(asked), std::move(absent)));
  if (told.is_null()) co_return std::optional<PresentResource>();
  const Json& there = told["Configuration"];
  PresentResource out;
  out.properties = told_settings(there);
  out.untold = {"Code"};
  const Json reserved = told.value("Concurrency", Json::object());
  out.properties.update(cloudformation::pick(reserved, {"ReservedConcurrentExecutions"}));
  gateway::tell_tags(order, told.value("Tags", Json::object()), out.properties);
  out.attributes = {{"Arn", there["FunctionArn"]}};
  co_return std::optional(std::move(out));
}

}  // namespace

std::unique_ptr<cloudformation::ResourceType> function_type(const gateway::InProcess& calls) {
  return std::make_unique<FunctionType>(calls);
}

std::vector<std::unique_ptr<cloudformation::ResourceType>> resource_types(
    const gateway::InProcess& calls) {
  std::vector<std::unique_ptr<cloudformation::ResourceType>> out;
  out.push_back(function_type(calls));
  out.push_back(version_type(calls));
  out.push_back(alias_type(calls));
  out.push_back(permission_type(calls));
  return out;
}

}  // namespace tarn::lambda
