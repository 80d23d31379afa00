// Settings: what buckets are set to, beside what their record says (versioning).
//
// Place: services/s3. Each setting is a document in the form the API gives it, durable in the
// metadata store (docs/formats/s3.md) and held in memory, because CORS, lifecycle and policies are
// asked for by every request. Threads: safe from any thread; find() takes a shared lock and no
// disk. Errors: kIo, kCorrupt, kDiskFull.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "services/iam/policy/document.h"
#include "services/s3/api.h"
#include "services/s3/encryption.h"
#include "services/s3/ledger.h"
#include "store/store.h"
#include "wire/xml_codec.h"

namespace tarn::s3 {

// The names of the documents, also on disk.
namespace setting {
inline constexpr std::string_view kTagging = "tagging";
inline constexpr std::string_view kCors = "cors";
inline constexpr std::string_view kLifecycle = "lifecycle";
inline constexpr std::string_view kPolicy = "policy";
inline constexpr std::string_view kPublicAccess = "publicAccessBlock";
inline constexpr std::string_view kOwnership = "ownershipControls";
inline constexpr std::string_view kEncryption = "encryption";
}  // namespace setting

[[nodiscard]] PublicAccessBlockConfiguration all_blocked();

struct BucketSettings {
  std::map<std::string, std::string, std::less<>> documents;
  // Read once out of the documents.
  std::vector<CORSRule> cors;
  std::vector<LifecycleRule> lifecycle;
  EncryptionRequest encryption;  // of what is put without asking for one
  // Everything is blocked unless something else was set; nullopt: the block was taken away.
  std::optional<PublicAccessBlockConfiguration> public_access = all_blocked();
  std::shared_ptr<const iam::policy::Document> policy;  // null: none
  // What the block on public access leaves of it.
  std::shared_ptr<const iam::policy::Document> enforced_policy;

  // nullptr: not set. A document that is empty says that a default was taken away.
  [[nodiscard]] const std::string* find(std::string_view name) const {
    const auto found = documents.find(name);
    return found == documents.end() ? nullptr : &found->second;
  }
};

class Settings {
 public:
  Settings(store::Store& store, Ledger& ledger) : store_(store), ledger_(ledger) {}

  // Reads all buckets' documents. Errors: kIo, kCorrupt.
  Status load();
  // Reads one bucket's anew, after it was made or removed. Errors: kIo, kCorrupt.
  Status refresh(const std::string& bucket);

  // Never null; empty for a bucket that is set to nothing.
  [[nodiscard]] std::shared_ptr<const BucketSettings> find(std::string_view bucket) const;

  // nullopt takes the document away. Errors also: NoSuchBucket.
  [[nodiscard]] Task<Status> set(std::string bucket, std::string_view name,
                                 std::optional<std::string> document);

 private:
  store::Store& store_;
  Ledger& ledger_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const BucketSettings>> buckets_;
  const std::shared_ptr<const BucketSettings> none_ = std::make_shared<const BucketSettings>();
};

template <class Shape>
std::string to_document(const Shape& shape, std::string_view root) {
  std::string out;
  wire::append_xml_element(Shape::schema(), &shape, root, {}, out);
  return out;
}

// Error: kCorrupt.
template <class Shape>
Result<Shape> from_document(const std::string& document) {
  Shape shape;
  if (!wire::from_xml(Shape::schema(), document, &shape).ok()) {
    return tarn::Error(code::kCorrupt, "a document of a bucket's settings is damaged");
  }
  return shape;
}

}  // namespace tarn::s3
