// list_versions: current objects and older versions, merged into one order.
#include <algorithm>
#include <memory>
#include <utility>

#include "services/s3/record.h"
#include "services/s3/versions.h"

namespace tarn::s3 {
namespace {

using store::Space;

// Walks a bucket's current objects and its other versions side by side: by key, and of one key
// from new to old. The cursors see two moments, the current objects the earlier one: what was
// archived in between is met twice, never missed.
class VersionWalk {
 public:
  VersionWalk(store::Store& store, std::string bucket, const std::string& prefix)
      : bucket_(std::move(bucket)),
        current_base_(object_key(bucket_, prefix)),
        older_base_(version_prefix(bucket_, prefix)),
        current_(store.cursor(Space::kS3Index)),
        older_(store.cursor(Space::kS3)) {}

  // To the first version of the first key that is not less than `key`.
  Status seek(std::string_view key) {
    current_->seek(std::max(current_base_, object_key(bucket_, key)));
    older_->seek(std::max(older_base_, version_prefix(bucket_, key)));
    return read();
  }
  // Past every key that starts with `folder`.
  Status skip(std::string_view folder) {
    current_->seek(store::prefix_end(object_key(bucket_, folder)));
    older_->seek(store::prefix_end(version_prefix(bucket_, folder)));
    return read();
  }
  Status next() {
    if (takes_current_) {
      current_->next();
    } else {
      older_->next();
    }
    return read();
  }

  [[nodiscard]] bool valid() const { return key_.has_value(); }
  [[nodiscard]] const std::string& key() const { return *key_; }
  [[nodiscard]] bool is_current() const { return takes_current_; }
  [[nodiscard]] Result<StoredObject> object() const {
    return decode_object(takes_current_ ? current_->value() : older_->value());
  }

 private:
  // Finds out which cursor is next.
  Status read() {
    key_.reset();
    TARN_CHECK(current_->status());
    TARN_CHECK(older_->status());
    const bool has_current = current_->valid() && current_->key().starts_with(current_base_);
    const bool has_older = older_->valid() && older_->key().starts_with(older_base_);
    std::string current_key;
    if (has_current) current_key = current_->key().substr(bucket_.size() + 1);
    std::string older_key;
    if (has_older) {
      TARN_TRY(VersionPlace place, split_version_key(bucket_, older_->key()));
      older_key = std::move(place.key);
    }
    takes_current_ = has_current && (!has_older || current_key <= older_key);
    if (has_current || has_older) key_ = takes_current_ ? current_key : older_key;
    return {};
  }

  std::string bucket_;
  std::string current_base_;
  std::string older_base_;
  std::unique_ptr<store::Cursor> current_;
  std::unique_ptr<store::Cursor> older_;
  std::optional<std::string> key_;
  bool takes_current_ = false;
};

std::string folder_of(const std::string& key, const VersionQuery& query) {
  if (query.delimiter.empty()) return {};
  const std::size_t at = key.find(query.delimiter, query.prefix.size());
  return at == std::string::npos ? std::string() : key.substr(0, at + query.delimiter.size());
}

// To the first version after the markers.
Status start(VersionWalk& walk, const VersionQuery& query) {
  const std::string& after = query.after_key;
  if (after.empty()) return walk.seek(query.prefix);
  if (!query.delimiter.empty() && folder_of(after, query) == after) return walk.skip(after);
  TARN_CHECK(walk.seek(after));
  bool passed = query.after_version.empty();
  while (walk.valid() && walk.key() == after) {
    // An id that is gone leaves nothing of its key: what is not there cannot be counted from.
    if (passed && !query.after_version.empty()) return {};
    if (!passed) {
      TARN_TRY(const StoredObject object, walk.object());
      passed = shown_version(object.version) == query.after_version;
    }
    TARN_CHECK(walk.next());
  }
  return {};
}

}  // namespace

Result<VersionPage> list_versions(store::Store& store, const VersionQuery& query) {
  VersionPage page;
  if (query.max_keys == 0) return page;
  VersionWalk walk(store, query.bucket, query.prefix);
  TARN_CHECK(start(walk, query));
  // The version before in the list: those of a key go down from the latest.
  std::optional<std::string> last_key;
  std::uint64_t last_sequence = UINT64_MAX;
  if (!query.after_version.empty()) last_key = query.after_key;
  while (walk.valid()) {
    if (page.versions.size() + page.common_prefixes.size() == query.max_keys) {
      page.truncated = true;
      break;
    }
    const std::string key = walk.key();
    const std::string folder = folder_of(key, query);
    if (!folder.empty()) {
      page.common_prefixes.push_back(folder);
      page.last_key = folder;
      page.last_version.clear();
      TARN_CHECK(walk.skip(folder));
      continue;
    }
    ListedVersion listed;
    listed.key = key;
    TARN_TRY(listed.info, walk.object());
    listed.is_latest = last_key != key;
    const std::uint64_t sequence = sequence_of(listed.info);
    const bool again = !listed.is_latest && sequence >= last_sequence;
    last_key = key;
    if (!again) {
      last_sequence = sequence;
      page.last_key = key;
      page.last_version = shown_version(listed.info.version);
      page.versions.push_back(std::move(listed));
    }
    TARN_CHECK(walk.next());
  }
  return page;
}

}  // namespace tarn::s3
