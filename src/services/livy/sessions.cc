#include "services/livy/sessions.h"

#include <algorithm>
#include <csignal>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/livy/log_tail.h"

namespace tarn::livy {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kWatchPeriod{500};
constexpr int kLogPeriods = 60;          // bound_logs every 60 watch periods
constexpr milliseconds kPatience{8000};  // of a session's end, before force
constexpr seconds kWarmRetry{60};        // after a warm driver that failed
constexpr seconds kWarmLife{6 * 3600};   // a long idle JVM grows
constexpr seconds kDeadLife{3600};       // of a dead session nobody looks at
constexpr std::size_t kGone = 100;

}  // namespace

bool needs_own_driver(const Json& body, const std::string& warm_memory) {
  for (const char* field : {"conf", "jars", "pyFiles", "files", "archives"}) {
    if (body.contains(field) && !body[field].empty()) return true;
  }
  const auto memory = body.find("driverMemory");
  if (memory == body.end() || !memory->is_string()) return false;
  // What is no size is refused by a driver of its own, with the reason.
  const std::uint64_t bytes = memory_bytes(memory->get<std::string>());
  return bytes == 0 || bytes > memory_bytes(warm_memory);
}

Sessions::Sessions(platform::Platform platform, iam::Credentials& credentials,
                   sandbox::Sandboxes& sandboxes, Options options)
    : platform_(platform),
      credentials_(credentials),
      sandboxes_(sandboxes),
      options_(std::move(options)) {}

Status Sessions::start() {
  if (platform_.files.exists(options_.data_directory)) {
    TARN_CHECK(platform_.files.remove_tree(options_.data_directory));
  }
  if (options_.cluster && platform_.files.exists(options_.cluster->work_directory)) {
    TARN_CHECK(platform_.files.remove_tree(options_.cluster->work_directory));
  }
  TARN_CHECK(platform_.files.make_directories(options_.data_directory));
  TARN_CHECK(platform_.files.make_directories(options_.cache_directory + "/matplotlib"));
  next_warm_ = platform_.clock.monotonic() + options_.warm_up_delay;
  ++background_;
  platform_.tasks.control().post([this] { tarn::start(watch(), [this] { --background_; }); });
  return {};
}

Task<void> Sessions::shut_down() {
  stopping_ = true;
  for (const auto& session : list()) {
    ++background_;
    tarn::start(remove_later(session, "the server stopped"));
  }
  const Drivers warm = std::exchange(warm_, {});
  for (const auto& driver : warm) {
    ++background_;
    tarn::start(stop_later(driver));
  }
  while (background_ > 0 || creating_ > 0) co_await platform_.clock.sleep(milliseconds(20));
}

Status Sessions::possible() const {
  TARN_CHECK(sandboxes_.usable());
  return check(options_, platform_.files);
}

Task<Result<std::shared_ptr<Session>>> Sessions::create(SessionRequest request, Caller caller) {
  const Status can_start = possible();
  if (!can_start.ok()) co_return Error("SessionsUnavailable", can_start.error().message, 400);
  if (stopping_) co_return Error("ServiceUnavailable", "The server is stopping.", 503);
  if (open() >= static_cast<std::size_t>(options_.max_sessions)) {
    const std::string text =
        fmt::format("There are {} sessions already, as many as this server runs; delete one first.",
                    options_.max_sessions);
    co_return Error("TooManySessions", text, 400);
  }
  request.owner = caller.arn;
  const auto owner = owner_of(caller.access_key_id);
  if (!owner) co_return Error("Unauthorized", "The access key of this request is gone.", 401);
  std::shared_ptr<Driver> driver;
  if (!needs_own_driver(request.body, options_.driver_memory)) driver = take_warm(owner->arn);
  if (!driver) {
    ++creating_;
    Json body = request.body;
    auto launched = co_await launch(*owner, std::move(body), false);
    if (launched.ok()) driver = *launched;
    if (driver && stopping_) co_await stop_driver(driver);
    --creating_;
    if (!launched.ok()) co_return std::move(launched).error();
    if (stopping_) co_return Error("ServiceUnavailable", "The server is stopping.", 503);
  }
  const int id = next_session_++;
  auto session = std::make_shared<Session>(id, std::move(request), driver, platform_.clock);
  sessions_.emplace(id, session);
  spdlog::info("livy: session {} runs in process {}", id, driver->pid());
  co_return session;
}

Task<Result<std::shared_ptr<Driver>>> Sessions::launch(iam::Credential owner, Json request,
                                                       bool warm_up) {
  const std::string name = fmt::format("driver-{}", next_driver_++);
  auto plan = co_await platform_.tasks.offload([&] {
    return launch_plan(options_, credentials_, sandboxes_, platform_.files, owner, name,
                       std::move(request), warm_up);
  });
  if (!plan.ok()) co_return std::move(plan).error();
  const bool own_sandbox = !plan->shares_sandbox;
  sandbox::Sandbox box = plan->sandbox;
  std::string key = plan->access_key_id;
  auto driver = Driver::launch(platform_, sandboxes_, std::move(plan).value());
  if (!driver.ok()) {
    if (own_sandbox) co_await sandboxes_.close(std::move(box));
    co_await revoke_keys(std::move(key));
  }
  co_return driver;
}

std::optional<iam::Credential> Sessions::owner_of(const std::string& access_key_id) const {
  return credentials_.find(options_.cluster ? options_.cluster->access_key_id : access_key_id);
}

std::size_t Sessions::open() const {
  return living() + static_cast<std::size_t>(creating_);
}

std::size_t Sessions::warming() const {
  const auto unready = std::count_if(warm_.begin(), warm_.end(),
                                     [](const auto& driver) { return !driver->ready(); });
  return static_cast<std::size_t>(unready) + (starting_warm_ ? 1 : 0);
}

std::vector<std::string> Sessions::applications() const {
  std::vector<std::string> out;
  for (const auto& driver : warm_) out.push_back(driver->app_id());
  for (const auto& [id, session] : sessions_) out.push_back(session->driver()->app_id());
  std::erase(out, "");
  return out;
}

std::shared_ptr<Driver> Sessions::take_warm(const std::string& owner_arn) {
  for (auto it = warm_.begin(); it != warm_.end(); ++it) {
    if ((*it)->ended() || (*it)->owner_arn() != owner_arn) continue;
    std::shared_ptr<Driver> driver = *it;
    warm_.erase(it);
    next_warm_ = platform_.clock.monotonic() + options_.warm_up_delay;
    return driver;
  }
  return nullptr;
}

std::size_t Sessions::living() const {
  std::size_t count = 0;
  for (const auto& [id, session] : sessions_) count += session->driver()->ended() ? 0 : 1;
  return count;
}

Result<std::shared_ptr<Session>> Sessions::find(int id) const {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) return found->second;
  const auto gone = gone_.find(id);
  const std::string why = gone == gone_.end() ? "" : fmt::format(" It ended: {}.", gone->second);
  return Error("NotFound", fmt::format("Session '{}' not found.{}", id, why), 404);
}

std::vector<std::shared_ptr<Session>> Sessions::list() const {
  std::vector<std::shared_ptr<Session>> out;
  out.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) out.push_back(session);
  return out;
}

Task<void> Sessions::remove(std::shared_ptr<Session> session, std::string why) {
  session->shut_down();
  const std::shared_ptr<Driver> driver = session->driver();
  co_await Driver::stop(driver, kPatience);
  if (sessions_.erase(session->id()) == 0) co_return;
  gone_[session->id()] = std::move(why);
  if (gone_.size() > kGone) gone_.erase(gone_.begin());
  std::string key = driver->access_key_id();
  co_await revoke_keys(std::move(key));
  spdlog::info("livy: session {} ended", session->id());
}

Task<std::vector<std::string>> Sessions::read_log(std::shared_ptr<Session> session,
                                                  std::uint64_t bytes) {
  platform::Files& files = platform_.files;
  const std::string& path = session->driver()->log_path();
  co_return co_await platform_.tasks.offload([&] { return log_tail(files, path, bytes); });
}

Task<void> Sessions::watch() {
  for (int period = 1; !stopping_; ++period) {
    co_await platform_.clock.sleep(kWatchPeriod);
    if (stopping_) break;
    watch_sessions();
    watch_warm();
    co_await renew_keys();
    if (period % kLogPeriods == 0) co_await bound_logs();
  }
}

void Sessions::watch_sessions() {
  const auto now = platform_.clock.monotonic();
  for (const auto& session : list()) {
    Driver& driver = *session->driver();
    if (!driver.ready() && !driver.ended() && now - driver.started_at() > options_.start_timeout) {
      driver.end_because(
          fmt::format("Spark did not start within {} s; its log says how far it came",
                      options_.start_timeout.count()));
    }
    std::string why;
    if (session->heartbeat_missed()) {
      why = fmt::format("no client asked for it for {} s (heartbeatTimeoutInSecond)",
                        session->request().heartbeat_timeout.count());
    } else if (options_.session_timeout.count() > 0 && session->state() == SessionState::kIdle &&
               session->idle_for() > options_.session_timeout) {
      why = fmt::format("it was idle for {} s (livy.server.session.timeout)",
                        options_.session_timeout.count());
    } else if (driver.ended() && session->idle_for() > kDeadLife) {
      why = driver.reason();
    } else {
      continue;
    }
    if (session->state() == SessionState::kShuttingDown) continue;
    session->shut_down();
    ++background_;
    tarn::start(remove_later(session, std::move(why)));
  }
}

void Sessions::watch_warm() {
  const auto now = platform_.clock.monotonic();
  for (auto it = warm_.begin(); it != warm_.end();) {
    const std::shared_ptr<Driver> driver = *it;
    const bool late = !driver->ready() && now - driver->started_at() > options_.start_timeout;
    if (!driver->ended() && !late && now - driver->started_at() < kWarmLife) {
      ++it;
      continue;
    }
    if (driver->ended() || late) {
      spdlog::warn("livy: the warm driver failed: {}", driver->reason());
      next_warm_ = now + kWarmRetry;
    }
    it = warm_.erase(it);
    ++background_;
    tarn::start(stop_later(driver));
  }
  const bool wanted = warm_.size() < static_cast<std::size_t>(std::max(0, options_.warm_drivers));
  if (!wanted || starting_warm_ || now < next_warm_) return;
  starting_warm_ = true;
  ++background_;
  tarn::start(start_warm());
}

Task<void> Sessions::start_warm() {
  Status done = possible();
  const auto owner = owner_of(credentials_.root().access_key_id);
  if (!owner) done = Error(code::kNotFound, "the cluster's keys are gone");
  if (done.ok()) {
    Json request = {{"kind", "pyspark"}};
    auto launched = co_await launch(*owner, std::move(request), true);
    if (launched.ok()) {
      warm_.push_back(std::move(launched).value());
    } else {
      done = launched.error();
    }
  }
  if (!done.ok()) {
    spdlog::warn("livy: no warm driver: {}", done.error().message);
    next_warm_ = platform_.clock.monotonic() + kWarmRetry;
  }
  if (stopping_) {
    const Drivers warm = std::exchange(warm_, {});
    for (const auto& driver : warm) co_await stop_driver(driver);
  }
  starting_warm_ = false;
  --background_;
}

Task<void> Sessions::remove_later(std::shared_ptr<Session> session, std::string why) {
  co_await remove(session, std::move(why));
  --background_;
}

Task<void> Sessions::stop_later(std::shared_ptr<Driver> driver) {
  co_await stop_driver(driver);
  --background_;
}

Task<void> Sessions::bound_logs() {
  platform::Files& files = platform_.files;
  Drivers drivers = warm_;
  for (const auto& session : list()) drivers.push_back(session->driver());
  for (const auto& driver : drivers) {
    const std::string& path = driver->log_path();
    const Status done = co_await platform_.tasks.offload([&] { return bound_log(files, path); });
    if (!done.ok()) spdlog::warn("livy: {}", done.error().message);
  }
}

Task<void> Sessions::renew_keys() {
  Drivers drivers = warm_;
  for (const auto& session : list()) drivers.push_back(session->driver());
  for (const auto& driver : drivers) {
    if (driver->ended()) continue;
    const std::string& id = driver->access_key_id();
    const auto keys = credentials_.find(id);
    if (!keys || *keys->expires > platform_.clock.now() + kCredentialLeft) continue;
    const auto extend = [this, &id] {
      return credentials_.extend(id, kCredentialLife);
    };
    const Status done = co_await platform_.tasks.offload(extend);
    if (!done.ok())
      spdlog::warn("livy: the keys of process {}: {}", driver->pid(), done.error().message);
  }
}

Task<void> Sessions::stop_driver(std::shared_ptr<Driver> driver) {
  co_await Driver::stop(driver, kPatience);
  std::string key = driver->access_key_id();
  co_await revoke_keys(std::move(key));
}

Task<void> Sessions::revoke_keys(std::string access_key_id) {
  const auto revoke = [this, &access_key_id] {
    return credentials_.revoke(access_key_id);
  };
  const Status done = co_await platform_.tasks.offload(revoke);
  if (!done.ok()) spdlog::warn("livy: the keys of an ended session: {}", done.error().message);
}

}  // namespace tarn::livy
