// AWS::Kinesis::Stream and AWS::Kinesis::StreamConsumer.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kinesis-stream.html
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "services/kinesis/resources/resources.h"

namespace tarn::kinesis {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::Property;
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
    static constexpr std::array<Property, 6> kProperties = {{{"Name"},
                                                             {"ShardCount"},
                                                             {"RetentionPeriodHours"},
                                                             {"StreamModeDetails"},
                                                             {"StreamEncryption"},
                                                             {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Status> remove(Caller caller, std::string physical_id, Json properties) const override;

 private:
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

// Consumers that a template does not know would stand in the way.
Task<Status> StreamType::remove(Caller caller, std::string physical_id, Json /*properties*/) const {
  Json input = {{"StreamName", physical_id}, {"EnforceConsumerDeletion", true}};
  auto done = co_await calls_.call("kinesis:DeleteStream", caller, std::move(input));
  while (done.ok()) {
    Json asked = {{"StreamName", physical_id}};
    auto told = co_await calls_.call("kinesis:DescribeStreamSummary", caller, std::move(asked));
    if (!told.ok()) {
      done = std::move(told).error();
      break;
    }
    co_await clock_.sleep(kLookAgain);
  }
  if (done.error().is("ResourceNotFoundException")) co_return Status();
  co_return std::move(done).error();
}

class StreamConsumerType final : public cloudformation::ResourceType {
 public:
  StreamConsumerType(const gateway::InProcess& calls, platform::Clock& clock)
      : calls_(calls), clock_(clock) {}

  std::string_view name() const override { return "AWS::Kinesis::StreamConsumer"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 2> kProperties = {
        {{"ConsumerName", true}, {"StreamARN", true}}};
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
  Task<Status> remove(Caller caller, std::string physical_id, Json /*properties*/) const override {
    Json input = {{"ConsumerARN", physical_id}};
    auto done = co_await calls_.call("kinesis:DeregisterStreamConsumer", std::move(caller),
                                     std::move(input));
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
