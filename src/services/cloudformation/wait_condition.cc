#include "services/cloudformation/wait_condition.h"

#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace tarn::cloudformation {
namespace {

constexpr std::chrono::milliseconds kSignalPause{20};
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-waitcondition.html
constexpr std::int64_t kMaxWaitSeconds = 43'200;
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-creationpolicy.html
constexpr std::chrono::seconds kUsualWait{300};

tarn::Error unmet(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

std::int64_t whole_number(const Json& from, const char* name, std::int64_t otherwise) {
  const auto found = from.find(name);
  if (found == from.end()) return otherwise;
  const std::string text = found->is_string() ? found->get<std::string>() : found->dump();
  std::from_chars(text.data(), text.data() + text.size(), otherwise);
  return otherwise;
}

// "PT1H30M15S" (ISO 8601).
Result<std::chrono::seconds> duration_of(const std::string& text) {
  std::chrono::seconds out{0};
  const char* at = text.data() + 2;
  const char* const end = text.data() + text.size();
  bool is_one = text.starts_with("PT") && text.size() > 2;
  while (is_one && at < end) {
    std::int64_t number = 0;
    const auto [next, failed] = std::from_chars(at, end, number);
    is_one = failed == std::errc() && next < end;
    if (!is_one) break;
    switch (*next) {
      case 'H': out += std::chrono::hours(number); break;
      case 'M': out += std::chrono::minutes(number); break;
      case 'S': out += std::chrono::seconds(number); break;
      default: is_one = false;
    }
    at = next + 1;
  }
  if (is_one && out.count() <= kMaxWaitSeconds) return out;
  return unmet(fmt::format("{} is no duration such as PT15M, of at most 12 hours", text));
}

// What a condition waits for.
struct Wait {
  std::string place;
  std::int64_t count = 1;
  std::chrono::seconds timeout = kUsualWait;
  bool is_policy = false;  // of a CreationPolicy
};

class WaitConditionType final : public ResourceType {
 public:
  WaitConditionType(Signals& signals, platform::Clock& clock) : signals_(signals), clock_(clock) {}

  std::string_view name() const override { return "AWS::CloudFormation::WaitCondition"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 3> kProperties = {{{"Count"}, {"Handle"}, {"Timeout"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override {
    if (is_alike(order.properties, before.properties))
      co_return MadeResource{order.physical_id, order.attributes};
    co_return unmet("Update to resource type AWS::CloudFormation::WaitCondition is not supported.");
  }
  Task<Status> remove(ResourceOrder order) const override {
    std::string place = own_place(order);
    co_return co_await signals_.close(std::move(place));
  }

 private:
  static std::string own_place(const ResourceOrder& order) {
    return fmt::format("{}/{}", order.stack_id, order.logical_id);
  }
  [[nodiscard]] Result<Wait> wait_of(const ResourceOrder& order) const;
  // Whether it is met; an error where it never will be.
  [[nodiscard]] Result<bool> look(const Wait& wait) const;
  [[nodiscard]] MadeResource met(const ResourceOrder& order, const Wait& wait) const;

  Signals& signals_;
  platform::Clock& clock_;
};

Result<Wait> WaitConditionType::wait_of(const ResourceOrder& order) const {
  Wait out;
  if (!order.creation_policy.is_null()) {
    const Json policy = order.creation_policy.value("ResourceSignal", Json::object());
    out.is_policy = true;
    out.place = own_place(order);
    out.count = whole_number(policy, "Count", 1);
    TARN_TRY(out.timeout, duration_of(policy.value("Timeout", "PT5M")));
    return out;
  }
  if (!order.properties.contains("Handle") || !order.properties.contains("Timeout"))
    return unmet("A WaitCondition without CreationPolicy needs Handle and Timeout.");
  out.place = signals_.place_of_url(order.properties["Handle"].get<std::string>());
  out.count = whole_number(order.properties, "Count", 1);
  const std::int64_t seconds = whole_number(order.properties, "Timeout", 0);
  if (out.place.empty() || signals_.find(out.place) == nullptr)
    return unmet("Handle must be a reference to an AWS::CloudFormation::WaitConditionHandle.");
  if (seconds < 0 || seconds > kMaxWaitSeconds)
    return unmet(fmt::format("Timeout is at most {} s.", kMaxWaitSeconds));
  out.timeout = std::chrono::seconds(seconds);
  return out;
}

Result<bool> WaitConditionType::look(const Wait& wait) const {
  const auto* signals = signals_.find(wait.place);
  if (signals == nullptr) return unmet("Its handle is gone.");
  std::int64_t successes = 0;
  for (const auto& [id, signal] : *signals) {
    successes += signal.is_success ? 1 : 0;
    if (signal.is_success) continue;
    if (wait.is_policy) {
      return unmet(
          fmt::format("Received 1 FAILURE signal(s) out of {}. Unable to satisfy 100% "
                      "MinSuccessfulInstancesPercent requirement",
                      wait.count));
    }
    return unmet(fmt::format("WaitCondition received failed message: '{}' for uniqueId: {}",
                             signal.reason, id));
  }
  return successes >= wait.count;
}

MadeResource WaitConditionType::met(const ResourceOrder& order, const Wait& wait) const {
  MadeResource out{order.physical_id, Json::object()};
  Json data = Json::object();
  for (const auto& [id, signal] : *signals_.find(wait.place)) data[id] = signal.data;
  out.attributes["Data"] = data.dump();
  return out;
}

Task<Result<MadeResource>> WaitConditionType::create(ResourceOrder order) const {
  TARN_CO_TRY(const Wait wait, wait_of(order));
  if (wait.is_policy) {
    std::string place = wait.place;
    TARN_CO_CHECK(co_await signals_.open_place(std::move(place)));
  }
  if (order.physical_id.empty()) {
    order.physical_id = order.physical_name;
    std::string id = order.physical_id;
    TARN_CO_CHECK(co_await order.progress->begun(std::move(id)));
  }
  const auto deadline = clock_.monotonic() + wait.timeout;
  for (;;) {
    TARN_CO_TRY(const bool is_met, look(wait));
    if (is_met) co_return met(order, wait);
    TARN_CO_CHECK(order.check_going_on());
    if (clock_.monotonic() >= deadline) break;
    co_await clock_.sleep(kSignalPause);
  }
  const std::size_t came = signals_.find(wait.place)->size();
  if (wait.is_policy) {
    co_return unmet(
        fmt::format("Failed to receive {} resource signal(s) within the specified duration",
                    wait.count - static_cast<std::int64_t>(came)));
  }
  co_return unmet(fmt::format("WaitCondition timed out. Received {} conditions when expecting {}",
                              came, wait.count));
}

class WaitConditionHandleType final : public ResourceType {
 public:
  explicit WaitConditionHandleType(Signals& signals) : signals_(signals) {}

  std::string_view name() const override { return "AWS::CloudFormation::WaitConditionHandle"; }
  std::span<const Property> properties() const override { return {}; }
  Task<Result<MadeResource>> create(ResourceOrder /*order*/) const override {
    MadeResource out;
    TARN_CO_TRY(out.physical_id, co_await signals_.open());
    co_return out;
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    std::string place = signals_.place_of_url(order.physical_id);
    co_return co_await signals_.close(std::move(place));
  }

 private:
  Signals& signals_;
};

}  // namespace

std::unique_ptr<ResourceType> wait_condition_type(Signals& signals, platform::Clock& clock) {
  return std::make_unique<WaitConditionType>(signals, clock);
}

std::unique_ptr<ResourceType> wait_condition_handle_type(Signals& signals) {
  return std::make_unique<WaitConditionHandleType>(signals);
}

}  // namespace tarn::cloudformation
