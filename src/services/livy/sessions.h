// Sessions: the table of Livy sessions, the warm driver kept ready, and the watch over all of them.
//
// Place: services/livy, under room.h. Threads: the control strand only.
//
// A session without configuration of its own takes the warm driver and answers at once; another is
// started in its place. Drivers that do not come up in time, sessions whose client went away and
// logs without end are dealt with here, every half second.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/service.h"
#include "services/livy/launch.h"
#include "services/livy/session.h"

namespace tarn::livy {

class Sessions {
 public:
  // The references outlive it; start() comes first, shut_down() last.
  Sessions(platform::Platform platform, iam::Credentials& credentials,
           sandbox::Sandboxes& sandboxes, Options options);
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;
  ~Sessions() = default;

  // Removes what a killed server left, begins the watch and, after warm_up_delay, the warm driver.
  // Errors: kIo, kDiskFull.
  Status start();
  // Ends every driver and the watch; returns once all are reaped.
  [[nodiscard]] Task<void> shut_down();

  // Errors: 400 for a request that cannot be met (no Java, too many sessions), kIo, kDiskFull.
  [[nodiscard]] Task<Result<std::shared_ptr<Session>>> create(SessionRequest request,
                                                              Caller caller);
  // 404 with what became of it where there is none of this id.
  [[nodiscard]] Result<std::shared_ptr<Session>> find(int id) const;
  [[nodiscard]] std::vector<std::shared_ptr<Session>> list() const;
  // Ends the session and its processes; returns once they are gone.
  [[nodiscard]] Task<void> remove(std::shared_ptr<Session> session, std::string why);

  // At most the last `bytes` bytes of the session's log, by line.
  [[nodiscard]] Task<std::vector<std::string>> read_log(std::shared_ptr<Session> session,
                                                        std::uint64_t bytes);

  [[nodiscard]] const Options& options() const { return options_; }

  // Sessions that start or live, whatever they do; not warm drivers.
  [[nodiscard]] std::size_t open() const;
  // Spark's ids of the drivers that are ready, and how many warm ones are not yet.
  [[nodiscard]] std::vector<std::string> applications() const;
  [[nodiscard]] std::size_t warming() const;

 private:
  using Drivers = std::vector<std::shared_ptr<Driver>>;

  // Errors (kInvalid): why no session can be started.
  [[nodiscard]] Status possible() const;
  [[nodiscard]] Task<Result<std::shared_ptr<Driver>>> launch(iam::Credential owner, Json request,
                                                             bool warm_up);
  [[nodiscard]] std::shared_ptr<Driver> take_warm(const std::string& owner_arn);
  // Whose keys a driver gets that the owner of `access_key_id` asks for.
  [[nodiscard]] std::optional<iam::Credential> owner_of(const std::string& access_key_id) const;
  [[nodiscard]] std::size_t living() const;

  Task<void> watch();
  void watch_sessions();
  void watch_warm();
  Task<void> start_warm();
  Task<void> remove_later(std::shared_ptr<Session> session, std::string why);
  Task<void> stop_later(std::shared_ptr<Driver> driver);
  Task<void> bound_logs();
  // Of every driver that lives.
  Task<void> renew_keys();
  Task<void> revoke_keys(std::string access_key_id);
  // Ends the driver, then its keys.
  Task<void> stop_driver(std::shared_ptr<Driver> driver);

  platform::Platform platform_;
  iam::Credentials& credentials_;
  sandbox::Sandboxes& sandboxes_;
  const Options options_;
  std::map<int, std::shared_ptr<Session>> sessions_;
  std::map<int, std::string> gone_;  // why sessions ended; the newest hundred
  Drivers warm_;
  bool starting_warm_ = false;
  std::chrono::nanoseconds next_warm_{0};
  int next_session_ = 0;
  int next_driver_ = 0;
  int creating_ = 0;
  int background_ = 0;  // coroutines that nobody awaits
  bool stopping_ = false;
};

// Whether a POST /sessions body needs a driver of its own rather than the warm one.
[[nodiscard]] bool needs_own_driver(const Json& body, const std::string& warm_memory);

}  // namespace tarn::livy
