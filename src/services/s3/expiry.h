// Expiry: does what lifecycle rules say, and sweeps abandoned uploads.
//
// Place: services/s3, above the object store; the service starts and stops it. Once a day, after
// midnight UTC, and when a bucket's rules change, every version and upload of a bucket is looked
// at: a page at a time, its removals in one step, and the key that was reached is written down, so
// that a restart goes on there. A pass holds no more than one page in memory and no lock.
// Threads: begin() from any thread; everything else on the control strand.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "services/s3/ledger.h"
#include "services/s3/object_store.h"
#include "services/s3/record.h"
#include "services/s3/settings.h"
#include "services/s3/uploads.h"
#include "store/store.h"

namespace tarn::s3 {

class Expiry {
 public:
  struct Parts {
    platform::Platform platform;
    store::Store& records;
    Ledger& ledger;
    ObjectStore& objects;
    Uploads& uploads;
    const Settings& settings;
  };

  explicit Expiry(const Parts& parts) : parts_(parts) {}

  // Looks for what is due from now on.
  void start();
  // Ends when no step is under way; what is not done goes on at the next start.
  [[nodiscard]] Task<void> stop();

  // Lets the bucket be looked at soon, whatever was done today.
  void begin(const std::string& bucket);

  // One pass over all buckets that are due. Where one is under way already it does the work of this
  // one too, and this one returns at once.
  [[nodiscard]] Task<void> run();

 private:
  [[nodiscard]] static Task<void> run_for_ever(Expiry& self, std::shared_ptr<const bool> alive);
  [[nodiscard]] static Task<void> begin_again(Expiry& self, std::string bucket,
                                              std::shared_ptr<const bool> alive);
  [[nodiscard]] Task<void> pass();
  [[nodiscard]] Task<Status> run_bucket(std::string bucket);
  [[nodiscard]] Task<Status> expire_versions(std::string bucket, std::string after);
  [[nodiscard]] Task<Status> abort_uploads(std::string bucket);
  [[nodiscard]] Task<Status> remember(std::string bucket, SweepProgress progress);
  [[nodiscard]] std::int64_t today() const;

  Parts parts_;
  bool running_ = false;
  bool again_ = false;           // run() was called during a pass
  std::set<std::string> begun_;  // buckets to be looked at from their first key
  bool stopping_ = false;
  platform::Completion<bool> rested_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tarn::s3
