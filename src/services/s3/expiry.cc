#include "services/s3/expiry.h"

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "platform/log.h"
#include "services/s3/embedded_store.h"
#include "services/s3/lifecycle.h"
#include "services/s3/versions.h"

namespace tarn::s3 {
namespace {

using std::chrono::minutes;
using store::Space;

constexpr minutes kPause{10};  // between looks for a new day
constexpr std::int64_t kMsPerDay = 24LL * 3600 * 1000;

// Reads versions in their order and says which of them go.
class Judge {
 public:
  Judge(const Rules& rules, Timestamp now) : rules_(rules), now_(now) {}

  void see(const ListedVersion& listed) {
    if (listed.is_latest) finish_key();
    if (listed.is_latest) {
      key_ = listed.key;
      noncurrent_ = 0;
      see_latest(listed);
    } else {
      lone_marker_.reset();
      if (is_noncurrent_due(rules_, listed.key, listed.info, newer_modified_, noncurrent_, now_)) {
        remove(listed, shown_version(listed.info.version));
      }
      ++noncurrent_;
    }
    newer_modified_ = listed.info.last_modified;
  }

  // No version of the last key is left.
  void finish_key() {
    if (lone_marker_ && is_marker_due(rules_, lone_marker_->key, lone_marker_->info, now_)) {
      remove(*lone_marker_, shown_version(lone_marker_->info.version));
    }
    lone_marker_.reset();
    if (!key_.empty()) finished_ = key_;
  }

  [[nodiscard]] std::vector<Removal> take() { return std::exchange(removals_, {}); }
  // The last key all of whose versions were seen.
  [[nodiscard]] const std::string& finished() const { return finished_; }

 private:
  void see_latest(const ListedVersion& listed) {
    if (listed.info.version.delete_marker) {
      lone_marker_ = listed;
      return;
    }
    const auto due = expiry_of(rules_, listed.key, listed.info);
    if (due && due->time <= now_) remove(listed, {});
  }

  // Only what was seen goes, not what may have come since.
  void remove(const ListedVersion& listed, std::string version) {
    Removal removal;
    removal.key = listed.key;
    removal.version = std::move(version);
    removal.condition.last_modified = listed.info.last_modified;
    if (!listed.info.version.delete_marker) removal.condition.if_match = listed.info.etag;
    removals_.push_back(std::move(removal));
  }

  const Rules& rules_;
  Timestamp now_;
  std::string key_;
  std::string finished_;
  std::size_t noncurrent_ = 0;
  Timestamp newer_modified_;
  std::optional<ListedVersion> lone_marker_;
  std::vector<Removal> removals_;
};

}  // namespace

std::int64_t Expiry::today() const {
  return parts_.platform.clock.now().ms / kMsPerDay;
}

void Expiry::start() {
  tarn::start(run_for_ever(*this, alive_));
}

Task<void> Expiry::run_for_ever(Expiry& self, std::shared_ptr<const bool> alive) {
  while (*alive) {
    co_await self.run();
    if (!*alive) co_return;
    co_await self.parts_.platform.clock.sleep(kPause);
  }
}

Task<void> Expiry::stop() {
  *alive_ = false;
  stopping_ = true;
  if (running_) co_await rested_;
}

void Expiry::begin(const std::string& bucket) {
  tarn::start(begin_again(*this, bucket, alive_));
}

Task<void> Expiry::begin_again(Expiry& self, std::string bucket,
                               std::shared_ptr<const bool> alive) {
  co_await platform::resume_on(self.parts_.platform.tasks.control());
  if (!*alive) co_return;
  self.begun_.insert(std::move(bucket));
  co_await self.run();
}

Task<void> Expiry::run() {
  again_ = true;
  if (running_) co_return;
  running_ = true;
  while (again_ && !stopping_) {
    again_ = false;
    co_await pass();
  }
  running_ = false;
  if (stopping_) rested_.set(true);
}

Task<void> Expiry::pass() {
  const auto buckets = parts_.objects.buckets();
  if (!buckets.ok()) {
    spdlog::warn("s3: the sweep of buckets could not begin: {}", buckets.error().message);
    co_return;
  }
  for (const StoredBucket& bucket : *buckets) {
    if (stopping_) co_return;
    std::string name = bucket.name;
    const Status swept = co_await run_bucket(std::move(name));
    const bool gone = !swept.ok() && swept.error().is("NoSuchBucket");
    if (!swept.ok() && !gone) {
      spdlog::warn("s3: the sweep of {} stopped and will be tried again: {}", bucket.name,
                   swept.error().message);
    }
  }
}

Task<Status> Expiry::run_bucket(std::string bucket) {
  SweepProgress progress;
  const bool anew = begun_.erase(bucket) > 0;
  TARN_CO_TRY(const auto record, parts_.records.get(Space::kS3, sweep_key(bucket)));
  if (record && !anew) {
    TARN_CO_TRY(progress, decode_sweep(*record));
  }
  const std::int64_t day = today();
  if (progress.day == day && progress.done) co_return Status();
  if (progress.done) progress.after.clear();
  std::string name = bucket;
  std::string after = progress.after;
  TARN_CO_CHECK(co_await expire_versions(std::move(name), std::move(after)));
  name = bucket;
  TARN_CO_CHECK(co_await abort_uploads(std::move(name)));
  if (stopping_) co_return Status();
  SweepProgress done{day, true, {}};
  co_return co_await remember(std::move(bucket), std::move(done));
}

Task<Status> Expiry::expire_versions(std::string bucket, std::string after) {
  const auto settings = parts_.settings.find(bucket);
  if (settings->lifecycle.empty()) co_return Status();
  Judge judge(settings->lifecycle, parts_.platform.clock.now());
  VersionQuery query;
  query.bucket = bucket;
  query.after_key = std::move(after);
  bool more = true;
  while (more && !stopping_) {
    const auto read = [this, &query] {
      return parts_.objects.list_versions(query);
    };
    TARN_CO_TRY(const VersionPage page, co_await parts_.platform.tasks.offload(read));
    for (const ListedVersion& listed : page.versions) judge.see(listed);
    more = page.truncated;
    if (!more) judge.finish_key();
    query.after_key = page.last_key;
    query.after_version = page.last_version;
    std::vector<Removal> removals = judge.take();
    std::string name = bucket;
    if (!removals.empty()) {
      TARN_CO_CHECK(co_await parts_.objects.remove(std::move(name), std::move(removals)));
    }
    if (!more) break;
    name = bucket;
    SweepProgress reached{today(), false, judge.finished()};
    TARN_CO_CHECK(co_await remember(std::move(name), std::move(reached)));
  }
  co_return Status();
}

Task<Status> Expiry::abort_uploads(std::string bucket) {
  const auto settings = parts_.settings.find(bucket);
  UploadQuery query;
  query.bucket = bucket;
  bool more = true;
  while (more && !stopping_) {
    const auto read = [this, &query] {
      return parts_.uploads.list(query);
    };
    TARN_CO_TRY(const UploadPage page, co_await parts_.platform.tasks.offload(read));
    for (const StoredUpload& upload : page.uploads) {
      if (!is_upload_due(settings->lifecycle, upload, parts_.platform.clock.now())) continue;
      UploadName name{bucket, upload.key, upload.id};
      const Status aborted = co_await parts_.uploads.abort(std::move(name), std::nullopt);
      // Its owner may have completed or aborted it meanwhile.
      if (!aborted.ok() && !aborted.error().is("NoSuchUpload")) co_return aborted.error();
    }
    more = page.truncated;
    query.key_marker = page.next_key;
    query.id_marker = page.next_id;
  }
  co_return Status();
}

Task<Status> Expiry::remember(std::string bucket, SweepProgress progress) {
  Ledger::Mutation mutation = [&](Draft& draft) -> Status {
    TARN_CHECK(find_bucket(draft, bucket));
    draft.put(Space::kS3, sweep_key(bucket), encode(progress));
    return {};
  };
  co_return co_await parts_.ledger.apply(std::move(mutation), false);
}

}  // namespace tarn::s3
