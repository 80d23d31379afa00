#include "services/lambda/execution_environments.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "wire/dates.h"

namespace tarn::lambda {
namespace {

constexpr std::chrono::seconds kIdleLife{600};
// Keys outlive their environment: one that is older is not used again.
constexpr std::chrono::seconds kWholeLife{3600};
constexpr std::chrono::seconds kKeyLife{3600 + 900 + 300};  // and the longest call, and a reserve
constexpr std::chrono::milliseconds kLook{250};
constexpr std::chrono::milliseconds kShortLook{20};
constexpr std::string_view kLambda = "lambda.amazonaws.com";
constexpr std::size_t kStreamLetters = 32;

Error too_many(std::string_view reason, std::string message) {
  Error out("TooManyRequestsException", std::move(message), 429);
  out.details.emplace_back("Reason", std::string(reason));
  return out;
}

}  // namespace

Task<Status> ExecutionEnvironments::start() {
  const std::string directory = options_.data_directory + "/environments";
  const auto clean = [this, &directory]() -> Status {
    TARN_CHECK(platform_.files.remove_tree(directory));
    return platform_.files.make_directories(directory);
  };
  TARN_CO_CHECK(co_await platform_.tasks.offload(clean));
  watching_ = true;
  tarn::start(watch());
  co_return Status();
}

Task<Result<ExecutionEnvironments::Outcome>> ExecutionEnvironments::run(Functions::Entry function,
                                                                        Version version,
                                                                        Call call) {
  auto taken = co_await take(function, version);
  if (!taken.ok()) co_return std::move(taken).error();
  const std::shared_ptr<Slot> slot = std::move(taken).value();
  Outcome out;
  if (slot->environment == nullptr) {
    out.cold = true;
    Status filled = co_await fill(*slot, function, version);
    if (!filled.ok()) {
      slots_.remove(slot);
      wake_one();
      co_return std::move(filled).error();
    }
  }
  const std::shared_ptr<ExecutionEnvironment> environment = slot->environment;
  out.log_stream = environment->place().log_stream;
  out.access_key_id = environment->access_key_id();
  const std::chrono::seconds timeout(version.timeout_s);
  out.answer = co_await ExecutionEnvironment::call(environment, std::move(call), timeout);
  co_await give_back(slot);
  co_return out;
}

Task<Result<std::shared_ptr<ExecutionEnvironments::Slot>>> ExecutionEnvironments::take(
    Functions::Entry function, const Version& version) {
  const auto reserved = function->reserved_concurrency;
  if (reserved && busy_of(*function) >= static_cast<std::size_t>(*reserved)) {
    co_return too_many("ReservedFunctionConcurrentInvocationLimitExceeded", "Rate Exceeded.");
  }
  for (;;) {
    if (stopping_) co_return Error(code::kCancelled, "the server ends");
    if (auto idle = find_idle(*function, version)) co_return idle;
    if (auto made = make_slot(*function, version)) co_return made;
    if (waiting_.size() >= kMostWaiting) {
      co_return too_many(
          "ConcurrentInvocationLimitExceeded",
          fmt::format("Rate Exceeded. {} functions run and {} calls wait: call less at a time.",
                      kMostEnvironments, kMostWaiting));
    }
    const auto turn = std::make_shared<platform::Completion<bool>>();
    waiting_.push_back(turn);
    co_await *turn;
  }
}

std::size_t ExecutionEnvironments::busy_of(const FunctionRecord& function) const {
  const std::string arn = function.arn();
  return static_cast<std::size_t>(std::ranges::count_if(
      slots_, [&](const auto& slot) { return slot->busy && slot->function == arn; }));
}

std::shared_ptr<ExecutionEnvironments::Slot> ExecutionEnvironments::find_idle(
    const FunctionRecord& function, const Version& version) {
  const std::string arn = function.arn();
  const Timestamp oldest = platform_.clock.now() - kWholeLife;
  for (const auto& slot : slots_) {
    if (slot->busy || slot->retired || slot->function != arn) continue;
    if (slot->version != version.revision || slot->began < oldest) continue;
    slot->busy = true;
    return slot;
  }
  return nullptr;
}

// Where all places are taken, the one that has been idle longest makes room.
std::shared_ptr<ExecutionEnvironments::Slot> ExecutionEnvironments::make_slot(
    const FunctionRecord& function, const Version& version) {
  if (slots_.size() >= kMostEnvironments) {
    std::shared_ptr<Slot> oldest;
    for (const auto& slot : slots_) {
      if (!slot->busy && (oldest == nullptr || slot->idle_since < oldest->idle_since))
        oldest = slot;
    }
    if (oldest == nullptr) return nullptr;
    slots_.remove(oldest);
    tarn::start(end(oldest));
  }
  auto made = std::make_shared<Slot>();
  made->function = function.arn();
  made->version = version.revision;
  made->busy = true;
  made->began = platform_.clock.now();
  slots_.push_back(made);
  return made;
}

Task<Status> ExecutionEnvironments::fill(Slot& slot, Functions::Entry function,
                                         const Version& version) {
  const auto role = roles_.find_role(version.role);
  if (role == nullptr || !iam::trusts(*role, kLambda)) {
    co_return Error("AccessDeniedException",
                    fmt::format("The role {} of the function is gone or does not let {} assume it "
                                "any more.",
                                version.role, kLambda),
                    403);
  }
  ExecutionEnvironment::Place place;
  place.name = fmt::format("lambda-{}", next_number_++);
  place.directory = options_.data_directory + "/environments/" + place.name;
  // "2026/11/28/[$LATEST]…", as Lambda names the streams of its logs.
  std::string day = wire::to_iso8601(platform_.clock.now()).substr(0, 10);
  std::ranges::replace(day, '-', '/');
  place.log_stream = fmt::format("{}/[{}]{}", day, version.name,
                                 platform_.random.text(kStreamLetters, "0123456789abcdef"));
  const auto start = [&]() -> Result<std::shared_ptr<ExecutionEnvironment>> {
    TARN_TRY(const iam::Credential keys,
             credentials_.issue_role_session(*role, function->name, kKeyLife));
    return ExecutionEnvironment::start(platform_, sandboxes_, options_, packages_, *function,
                                       version, keys, std::move(place));
  };
  TARN_CO_TRY(slot.environment, co_await platform_.tasks.offload(start));
  co_return Status();
}

Task<void> ExecutionEnvironments::give_back(std::shared_ptr<Slot> slot) {
  slot->busy = false;
  slot->idle_since = platform_.clock.monotonic();
  if (slot->retired || slot->environment->ended() || stopping_) {
    slots_.remove(slot);
    co_await end(slot);
  }
  wake_one();
}

void ExecutionEnvironments::wake_one() {
  if (waiting_.empty()) return;
  const auto turn = waiting_.front();
  waiting_.pop_front();
  turn->set(true);
}

Task<void> ExecutionEnvironments::end(std::shared_ptr<Slot> slot) {
  ++ending_;
  const std::shared_ptr<ExecutionEnvironment> environment = slot->environment;
  co_await ExecutionEnvironment::stop(environment);
  const auto revoke = [&] {
    return credentials_.revoke(environment->access_key_id());
  };
  const Status revoked = co_await platform_.tasks.offload(revoke);
  if (!revoked.ok()) spdlog::warn("lambda: keys: {}", revoked.error().message);
  --ending_;
}

void ExecutionEnvironments::retire(const FunctionRecord& function) {
  const std::string arn = function.arn();
  for (auto at = slots_.begin(); at != slots_.end();) {
    const std::shared_ptr<Slot> slot = *at;
    if (slot->function != arn) {
      ++at;
      continue;
    }
    slot->retired = true;
    if (slot->busy) {
      ++at;
      continue;
    }
    at = slots_.erase(at);
    tarn::start(end(slot));
  }
}

Task<void> ExecutionEnvironments::watch() {
  while (!stopping_) {
    co_await platform_.clock.sleep(kLook);
    const auto now = platform_.clock.monotonic();
    std::vector<std::shared_ptr<Slot>> old;
    std::vector<std::shared_ptr<ExecutionEnvironment>> busy;
    for (const auto& slot : slots_) {
      if (slot->busy && slot->environment != nullptr) busy.push_back(slot->environment);
      if (!slot->busy && now - slot->idle_since > kIdleLife) old.push_back(slot);
    }
    for (const auto& slot : old) slots_.remove(slot);
    for (const auto& slot : old) co_await end(slot);
    if (busy.empty()) continue;
    const auto trim = [&busy] {
      for (const auto& environment : busy) environment->trim_log();
    };
    co_await platform_.tasks.offload(trim);
  }
  watching_ = false;
}

Task<void> ExecutionEnvironments::shut_down() {
  stopping_ = true;
  while (!waiting_.empty()) wake_one();
  for (const auto& slot : slots_) {
    if (slot->busy && slot->environment != nullptr) slot->environment->kill();
  }
  const auto busy = [this] {
    return std::ranges::any_of(slots_, [](const auto& slot) { return slot->busy; });
  };
  while (busy()) co_await platform_.clock.sleep(kShortLook);
  while (!slots_.empty()) {
    const std::shared_ptr<Slot> slot = slots_.front();
    slots_.pop_front();
    co_await end(slot);
  }
  while (ending_ > 0 || watching_) co_await platform_.clock.sleep(kShortLook);
}

}  // namespace tarn::lambda
