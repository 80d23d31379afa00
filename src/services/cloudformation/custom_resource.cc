#include "services/cloudformation/custom_resource.h"

#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "wire/encoding.h"

namespace tarn::cloudformation {
namespace {

constexpr std::chrono::milliseconds kAnswerPause{20};
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-customresource.html
constexpr std::chrono::seconds kUsualTimeout{3600};
constexpr std::size_t kMostAnswerBytes = 4096;
constexpr std::size_t kWordLetters = 40;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";

tarn::Error refused(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

// Functions get every scalar as a text, as CloudFormation gives them.
Json as_texts(const Json& value) {
  if (value.is_string()) return value;
  if (!value.is_structured()) return value.dump();
  Json out = value;
  for (Json& each : out) each = as_texts(each);
  return out;
}

std::chrono::seconds timeout_of(const Json& properties) {
  const auto found = properties.find("ServiceTimeout");
  if (found == properties.end()) return kUsualTimeout;
  const std::string text = found->is_string() ? found->get<std::string>() : found->dump();
  std::int64_t seconds = kUsualTimeout.count();
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(seconds);
}

class CustomResourceType final : public ResourceType {
 public:
  CustomResourceType(const gateway::InProcess& calls, CustomAnswers& answers,
                     platform::Platform& platform)
      : calls_(calls), answers_(answers), platform_(platform) {}

  std::string_view name() const override { return "AWS::CloudFormation::CustomResource"; }
  bool takes_any_property() const override { return true; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 2> kProperties = {
        {{"ServiceToken", true}, {"ServiceTimeout"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json event = {{"RequestType", "Create"}};
    co_return co_await ask(std::move(order), std::move(event));
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override {
    Json event = {{"RequestType", "Update"},
                  {"PhysicalResourceId", order.physical_id},
                  {"OldResourceProperties", as_texts(before.properties)}};
    co_return co_await ask(std::move(order), std::move(event));
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json event = {{"RequestType", "Delete"}, {"PhysicalResourceId", order.physical_id}};
    auto gone = co_await ask(std::move(order), std::move(event));
    if (!gone.ok()) co_return std::move(gone).error();
    co_return Status();
  }

 private:
  [[nodiscard]] Task<Result<MadeResource>> ask(ResourceOrder order, Json event) const;
  [[nodiscard]] Task<Status> call(const ResourceOrder& order, std::string word, Json event) const;
  [[nodiscard]] Task<Result<Json>> wait(const ResourceOrder& order, std::string word) const;

  const gateway::InProcess& calls_;
  CustomAnswers& answers_;
  platform::Platform& platform_;
};

// What the function said, as a resource. Error: its own words.
Result<MadeResource> read_answer(const Json& answer, const ResourceOrder& order,
                                 const std::string& request_id) {
  const auto text = [&answer](const char* name) {
    const auto found = answer.find(name);
    return found != answer.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (text("Status") != "SUCCESS") {
    const std::string why = text("Reason");
    return refused(
        fmt::format("Received response status [{}] from custom resource. Message "
                    "returned: {} (RequestId: {})",
                    text("Status"), why.empty() ? "no Reason" : why, request_id));
  }
  MadeResource out{text("PhysicalResourceId"), Json::object()};
  if (out.physical_id.empty()) out.physical_id = order.physical_id;
  if (out.physical_id.empty())
    return refused("Invalid PhysicalResourceId: the custom resource's answer has none.");
  if (answer.contains("Data") && answer["Data"].is_object()) out.attributes = answer["Data"];
  return out;
}

Task<Result<MadeResource>> CustomResourceType::ask(ResourceOrder order, Json event) const {
  const std::string word = answers_.open();
  const std::string request_id = platform_.random.uuid();
  event["ResponseURL"] = answers_.url(word);
  event["StackId"] = order.stack_id;
  event["RequestId"] = request_id;
  event["LogicalResourceId"] = order.logical_id;
  event["ResourceType"] = order.type;
  event["ServiceToken"] = order.properties["ServiceToken"];
  event["ResourceProperties"] = as_texts(order.properties);
  const Status called = co_await call(order, word, std::move(event));
  if (!called.ok()) {
    answers_.close(word);
    co_return called.error();
  }
  auto answer = co_await wait(order, word);
  answers_.close(word);
  if (!answer.ok()) co_return std::move(answer).error();
  co_return read_answer(*answer, order, request_id);
}

// Ends with the function. One that fails without an answer will not give any: CloudFormation waits
// for an hour then; here the stack says at once why.
Task<Status> CustomResourceType::call(const ResourceOrder& order, std::string word,
                                      Json event) const {
  const std::string token = order.properties["ServiceToken"].get<std::string>();
  if (token.starts_with("arn:aws:sns:"))
    co_return tarn::Error("NotImplemented", "A custom resource of an SNS topic is not offered.",
                          501);
  Json input = {{"FunctionName", token}, {"Payload", wire::to_base64(event.dump())}};
  const auto answer = co_await calls_.call("lambda:Invoke", order.caller, std::move(input));
  if (!answer.ok()) co_return answer.error();
  if (!answer->contains("X-Amz-Function-Error") || answers_.take(word)) co_return Status();
  const std::string payload = wire::from_base64(answer->value("Payload", "")).value_or("");
  const Json said = wire::parse_json(payload);
  co_return refused(fmt::format("The function of the custom resource failed: {}",
                                wire::text_or(said, "errorMessage", payload)));
}

Task<Result<Json>> CustomResourceType::wait(const ResourceOrder& order, std::string word) const {
  const std::chrono::seconds timeout = timeout_of(order.properties);
  const auto deadline = platform_.clock.monotonic() + timeout;
  for (;;) {
    if (auto answer = answers_.take(word)) co_return *answer;
    TARN_CO_CHECK(order.check_going_on());
    if (platform_.clock.monotonic() >= deadline) {
      co_return refused(
          fmt::format("CloudFormation did not receive a response from your Custom Resource within "
                      "{} s (ServiceTimeout). Please check your logs.",
                      timeout.count()));
    }
    co_await platform_.clock.sleep(kAnswerPause);
  }
}

}  // namespace

std::string CustomAnswers::open() {
  std::string word = platform_.random.text(kWordLetters, kLetters);
  waited_.emplace(word, std::nullopt);
  return word;
}

std::string CustomAnswers::url(const std::string& word) const {
  return fmt::format("http://{}/_tarn/custom-resources/{}", endpoint_host_, word);
}

std::optional<Json> CustomAnswers::take(const std::string& word) {
  const auto found = waited_.find(word);
  return found == waited_.end() ? std::nullopt : found->second;
}

Task<Result<wire::Response>> CustomAnswers::serve(gateway::WebRequest request) {
  if (request.method != "PUT")
    co_return tarn::Error("MethodNotAllowed", "Custom resources answer by PUT.", 405);
  const auto found = request.path.size() == 1 ? waited_.find(request.path.front()) : waited_.end();
  if (found == waited_.end())
    co_return tarn::Error("NotFound", "No custom resource is waited for under this URL.", 404);
  if (request.content.size() > kMostAnswerBytes) {
    found->second = Json{{"Status", "FAILED"},
                         {"Reason", fmt::format("Response is too long: {} bytes; {} are allowed.",
                                                request.content.size(), kMostAnswerBytes)}};
    co_return tarn::Error("RequestTooLarge", "The answer is too long.", 413);
  }
  Json answer = wire::parse_json(request.content);
  if (!answer.is_object()) {
    found->second = Json{{"Status", "FAILED"}, {"Reason", "Invalid response: no JSON object."}};
    co_return tarn::Error("InvalidRequest", "The answer must be a JSON object.", 400);
  }
  found->second = std::move(answer);
  co_return wire::Response();
}

std::unique_ptr<ResourceType> custom_resource_type(const gateway::InProcess& calls,
                                                   CustomAnswers& answers,
                                                   platform::Platform& platform) {
  return std::make_unique<CustomResourceType>(calls, answers, platform);
}

}  // namespace tarn::cloudformation
