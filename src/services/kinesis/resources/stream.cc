// AWS::Kinesis::Stream and AWS::Kinesis::StreamConsumer.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kinesis-stream.html
#include <array>
#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gateway/present.h"
#include "services/kinesis/resources/resources.h"

namespace tarn::kinesis {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::PresentResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

constexpr std::chrono::milliseconds kLookAgain{50};
constexpr int kDefaultRetentionHours = 24;

// Templates have numbers as texts, too.
int number_of(const Json& properties, const char* name, int otherwise) {
  const auto found = properties.find(name);
  if (found == properties.end()) return otherwise;
  if (found->is_number()) return found->get<int>();
  const auto text = found->get<std::string>();
  int out = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

class StreamType final : public cloudformation::ResourceType {
 public:
  StreamType(const gateway::InProcess& calls, platform::Clock& clock)
      : calls_(calls), clock_(clock) {}

  std::string_view name() const override { return "AWS::Kinesis::Stream"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 6> kProperties = {{replacing("Name"),
                                                             {"ShardCount"},
                                                             {"RetentionPeriodHours"},
                                                             {"StreamModeDetails"},
                                                             {"StreamEncryption"},
                                                             {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override;
  std::string_view identifier() const override { return "Name"; }
  Task<Result<std::optional<PresentResource>>> read(ResourceOrder order) const override;

 private:
  // One action after which the stream is ACTIVE again.
  struct Change {
    std::string action;
    Json input;
  };
  [[nodiscard]] static std::vector<Change> changes(const ResourceOrder& order,
                                                   const ResourceBefore& before);
  [[nodiscard]] Task<Result<std::string>> wait_until_active(Caller caller, std::string name) const;

  const gateway::InProcess& calls_;
  platform::Clock& clock_;
};

// Its ARN.
Task<Result<std::string>> StreamType::wait_until_active(Caller caller, std::string name) const {
  while (true) {
    Json input = {{"StreamName", name}};
    TARN_CO_TRY(const Json told,
                co_await calls_.call("kinesis:DescribeStreamSummary", caller, std::move(input)));
    const Json& summary = told["StreamDescriptionSummary"];
    if (summary["StreamStatus"] == "ACTIVE") co_return summary["StreamARN"].get<std::string>();
    co_await clock_.sleep(kLookAgain);
  }
}

Task<Result<MadeResource>> StreamType::create(ResourceOrder order) const {
  const std::string name = order.properties.value("Name", order.physical_name);
  Json input = cloudformation::pick(order.properties, {"StreamModeDetails"});
  input["StreamName"] = name;
  Json tags = cloudformation::tag_map(order);
  if (!tags.empty()) input["Tags"] = std::move(tags);
  if (order.properties.contains("ShardCount"))
    input["ShardCount"] = number_of(order.properties, "ShardCount", 1);
  auto made = co_await calls_.call("kinesis:CreateStream", order.caller, std::move(input));
  const bool is_there =
      !made.ok() && order.is_repeated && made.error().is("ResourceInUseException");
  if (!made.ok() && !is_there) co_return std::move(made).error();
  TARN_CO_TRY(const std::string arn, co_await wait_until_active(order.caller, name));
  const int hours = number_of(order.properties, "RetentionPeriodHours", kDefaultRetentionHours);
  if (hours != kDefaultRetentionHours) {
    Json retention = {{"StreamName", name}, {"RetentionPeriodHours", hours}};
    TARN_CO_TRY(const Json done, co_await calls_.call("kinesis:IncreaseStreamRetentionPeriod",
                                                      order.caller, std::move(retention)));
  }
  const auto encryption = order.properties.find("StreamEncryption");
  if (encryption != order.properties.end()) {
    Json sealed = cloudformation::pick(*encryption, {"EncryptionType", "KeyId"});
    sealed["StreamName"] = name;
    TARN_CO_TRY(const Json done, co_await calls_.call("kinesis:StartStreamEncryption", order.caller,
                                                      std::move(sealed)));
    TARN_CO_TRY(const std::string again, co_await wait_until_active(order.caller, name));
  }
  MadeResource out{name, Json::object()};
  out.attributes = {{"Arn", arn}};
  co_return out;
}

std::vector<StreamType::Change> StreamType::changes(const ResourceOrder& order,
                                                    const ResourceBefore& before) {
  const std::string& name = order.physical_id;
  const Json& was = before.properties;
  const Json& wanted = order.properties;
  std::vector<Change> out;
  if (cloudformation::differs(was, wanted, "StreamModeDetails")) {
    const Json provisioned = {{"StreamMode", "PROVISIONED"}};
    out.push_back({"kinesis:UpdateStreamMode",
                   {{"StreamARN", order.attributes.value("Arn", "")},
                    {"StreamModeDetails", wanted.value("StreamModeDetails", provisioned)}}});
  }
  const int shards = number_of(wanted, "ShardCount", 0);
  if (shards != 0 && shards != number_of(was, "ShardCount", 0)) {
    out.push_back(
        {"kinesis:UpdateShardCount",
         {{"StreamName", name}, {"TargetShardCount", shards}, {"ScalingType", "UNIFORM_SCALING"}}});
  }
  const int kept = number_of(was, "RetentionPeriodHours", kDefaultRetentionHours);
  const int hours = number_of(wanted, "RetentionPeriodHours", kDefaultRetentionHours);
  if (hours != kept) {
    out.push_back({hours > kept ? "kinesis:IncreaseStreamRetentionPeriod"
                                : "kinesis:DecreaseStreamRetentionPeriod",
                   {{"StreamName", name}, {"RetentionPeriodHours", hours}}});
  }
  if (cloudformation::differs(was, wanted, "StreamEncryption")) {
    const bool seals = wanted.contains("StreamEncryption");
    Json input = cloudformation::pick(seals ? wanted["StreamEncryption"] : was["StreamEncryption"],
                                      {"EncryptionType", "KeyId"});
    input["StreamName"] = name;
    out.push_back({seals ? "kinesis:StartStreamEncryption" : "kinesis:StopStreamEncryption",
                   std::move(input)});
  }
  const Json dropped = cloudformation::dropped_tags(order, before);
  if (!dropped.empty())
    out.push_back({"kinesis:RemoveTagsFromStream", {{"StreamName", name}, {"TagKeys", dropped}}});
  const Json tags = cloudformation::tag_map(order);
  if (cloudformation::tags_differ(order, before) && !tags.empty())
    out.push_back({"kinesis:AddTagsToStream", {{"StreamName", name}, {"Tags", tags}}});
  return out;
}

Task<Result<MadeResource>> StreamType::update(ResourceOrder order, ResourceBefore before) const {
  std::vector<Change> steps = changes(order, before);
  for (Change& step : steps) {
    TARN_CO_TRY(const Json done,
                co_await calls_.call(step.action, order.caller, std::move(step.input)));
    TARN_CO_TRY(const std::string arn, co_await wait_until_active(order.caller, order.physical_id));
  }
  co_return MadeResource{order.physical_id, order.attributes};
}

// Consumers that a template does not know would stand in the way.
Task<Status> StreamType::remove(ResourceOrder order) const {
  const Json named = {{"StreamName", order.physical_id}};
  Json input = named;
  input["EnforceConsumerDeletion"] = true;
  auto done = co_await calls_.call("kinesis:DeleteStream", order.caller, std::move(input));
  while (done.ok()) {
    auto told = co_await calls_.call("kinesis:DescribeStreamSummary", order.caller, named);
    if (!told.ok()) {
      done = std::move(told).error();
      break;
    }
    co_await clock_.sleep(kLookAgain);
  }
  if (done.error().is("ResourceNotFoundException")) co_return Status();
  co_return std::move(done).error();
}

Task<Result<std::optional<PresentResource>>> StreamType::read(ResourceOrder order) const {
  Json named = {{"StreamName", order.physical_id}};
  std::string absent = "ResourceNotFoundException";
  std::string action = "kinesis:DescribeStreamSummary";
  TARN_CO_TRY(const Json told, co_await gateway::ask(calls_, std::move(action), order.caller,
                                                     std::move(named), std::move(absent)));
  const Json summary = told.is_null() ? Json() : told["StreamDescriptionSummary"];
  if (summary.is_null() || summary["StreamStatus"] == "DELETING")
    co_return std::optional<PresentResource>();
  PresentResource out;
  out.properties = cloudformation::pick(summary, {"RetentionPeriodHours", "StreamModeDetails"});
  out.properties["Name"] = order.physical_id;
  // On demand nobody sets how many there are.
  if (summary.value("StreamModeDetails", Json::object()).value("StreamMode", "") != "ON_DEMAND")
    out.properties["ShardCount"] = summary["OpenShardCount"];
  if (summary.value("EncryptionType", "NONE") != "NONE")
    out.properties["StreamEncryption"] = cloudformation::pick(summary, {"EncryptionType", "KeyId"});
  Json asked = {{"ResourceARN", summary["StreamARN"]}};
  action = "kinesis:ListTagsForResource";
  TARN_CO_TRY(const Json tags,
              co_await calls_.call(std::move(action), order.caller, std::move(asked)));
  gateway::tell_tags(order, tags.value("Tags", Json::array()), out.properties);
  out.attributes = {{"Arn", summary["StreamARN"]}};
  co_return std::optional(std::move(out));
}

class StreamConsumerType final : public cloudformation::ResourceType {
 public:
  StreamConsumerType(const gateway::InProcess& calls, platform::Clock& clock)
      : calls_(calls), clock_(clock) {}

  std::string_view name() const override { return "AWS::Kinesis::StreamConsumer"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 2> kProperties = {
        {replacing("ConsumerName", true), replacing("StreamARN", true)}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = cloudformation::pick(order.properties, {"ConsumerName", "StreamARN"});
    auto made = co_await calls_.call("kinesis:RegisterStreamConsumer", order.caller, input);
    const bool is_there =
        !made.ok() && order.is_repeated && made.error().is("ResourceInUseException");
    if (!made.ok() && !is_there) co_return std::move(made).error();
    while (true) {
      TARN_CO_TRY(const Json told,
                  co_await calls_.call("kinesis:DescribeStreamConsumer", order.caller, input));
      const Json& consumer = told["ConsumerDescription"];
      if (consumer["ConsumerStatus"] != "ACTIVE") {
        co_await clock_.sleep(kLookAgain);
        continue;
      }
      MadeResource out{consumer["ConsumerARN"].get<std::string>(), Json::object()};
      out.attributes = cloudformation::pick(
          consumer, {"ConsumerARN", "ConsumerName", "ConsumerStatus", "StreamARN"});
      co_return out;
    }
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"ConsumerARN", order.physical_id}};
    auto done =
        co_await calls_.call("kinesis:DeregisterStreamConsumer", order.caller, std::move(input));
    if (done.ok() || done.error().is("ResourceNotFoundException")) co_return Status();
    co_return std::move(done).error();
  }

 private:
  const gateway::InProcess& calls_;
  platform::Clock& clock_;
};

}  // namespace

std::unique_ptr<cloudformation::ResourceType> stream_type(const gateway::InProcess& calls,
                                                          platform::Clock& clock) {
  return std::make_unique<StreamType>(calls, clock);
}

std::unique_ptr<cloudformation::ResourceType> stream_consumer_type(const gateway::InProcess& calls,
                                                                   platform::Clock& clock) {
  return std::make_unique<StreamConsumerType>(calls, clock);
}

}  // namespace tarn::kinesis
