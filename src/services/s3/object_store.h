// ObjectStore: buckets and objects, for every room that keeps data under s3://.
//
// Place: services/s3; the narrow port between the platform and its objects. The embedded store
// (embedded_store.h) is the default and the reference; any S3-compatible store fits behind it.
// Threads: safe from any thread. head, open and list are short and do not wait; what returns a Task
// waits for the disk.
//
// Writes are visible whole or not at all and durable when acknowledged; lists show every
// acknowledged write. Bodies are streamed and checked as they are read: damage is an error
// (kCorrupt), never data. Errors everywhere: NoSuchBucket, NoSuchKey, kIo, kCorrupt; of writes also
// kDiskFull.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "services/s3/condition.h"
#include "services/s3/encryption.h"
#include "services/s3/integrity.h"
#include "services/s3/object.h"
#include "wire/body.h"

namespace tarn::s3 {

// A single PutObject, part or copy:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
inline constexpr std::uint64_t kMaxUploadBytes = 5ULL << 30;

struct PutOptions {
  ObjectHeaders headers;
  Tags tags;
  WriteCondition condition;
  Integrity integrity;
  EncryptionRequest encryption;
  std::optional<Caller> caller;  // for whom KMS is asked; nullopt: another room
};

// An object as it was at one moment: it can be read to the end whatever happens to its key.
struct OpenObject {
  StoredObject info;
  std::vector<Segment> segments;  // the whole body in order
  std::string data;               // the body as it is kept, where info.body is inline
  std::string bucket;
  std::string key;
  std::optional<Caller> caller;  // for whom KMS is asked when it is read; nullopt: another room
  std::shared_ptr<void> pin;
};

struct ListQuery {
  std::string bucket;
  std::string prefix;
  std::string delimiter;  // empty: none
  std::string after;      // only keys and common prefixes greater than this
  std::size_t max_keys = 1000;
};

struct ListedObject {
  std::string key;
  StoredObject info;  // without headers other than the storage class
};

struct ListPage {
  std::vector<ListedObject> objects;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string last;  // `after` of the next page
};

struct ListedVersion {
  std::string key;
  StoredObject info;
  bool is_latest = false;
};

struct VersionQuery {
  std::string bucket;
  std::string prefix;
  std::string delimiter;  // empty: none
  // Only what follows this version, or all versions of this key where no version is named.
  std::string after_key;
  std::string after_version;
  std::size_t max_keys = 1000;
};

struct VersionPage {
  std::vector<ListedVersion> versions;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string last_key;  // `after_key` and `after_version` of the next page
  std::string last_version;
};

struct Removal {
  std::string key;
  WriteCondition condition;
  std::string version;  // this version goes for good; empty: the current object
};

struct Removed {
  std::string version_id;      // of the marker that was made, or of what went; empty: no versions
  bool delete_marker = false;  // a marker was made, or what went was one
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  [[nodiscard]] virtual Result<StoredBucket> bucket(std::string_view name) = 0;
  // In the order of their names.
  [[nodiscard]] virtual Result<std::vector<StoredBucket>> buckets() = 0;
  // Errors: BucketAlreadyOwnedByYou, BucketAlreadyExists.
  [[nodiscard]] virtual Task<Status> create_bucket(StoredBucket bucket) = 0;
  // Errors: BucketNotEmpty.
  [[nodiscard]] virtual Task<Status> remove_bucket(std::string name) = 0;
  // From now on; `versioning` is not kNever.
  [[nodiscard]] virtual Task<Status> set_versioning(std::string bucket, Versioning versioning) = 0;

  // Errors: those of the body, of the condition (condition.h) and of the checksums (integrity.h);
  // EntityTooLarge.
  [[nodiscard]] virtual Task<Result<StoredObject>> put(std::string bucket, std::string key,
                                                       wire::Body body, PutOptions options) = 0;
  [[nodiscard]] virtual Result<StoredObject> head(std::string_view bucket,
                                                  std::string_view key) = 0;
  [[nodiscard]] virtual Result<OpenObject> open(std::string_view bucket, std::string_view key) = 0;
  // The same of one version ("null", or its id). Errors: NoSuchVersion; InvalidArgument (no version
  // id); MethodNotAllowed (it is a delete marker).
  [[nodiscard]] virtual Result<StoredObject> head_version(std::string_view bucket,
                                                          std::string_view key,
                                                          std::string_view version) = 0;
  [[nodiscard]] virtual Result<OpenObject> open_version(std::string_view bucket,
                                                        std::string_view key,
                                                        std::string_view version) = 0;
  // Bytes [offset, offset + length), which lie within the object. Errors also: those of the KMS
  // key.
  [[nodiscard]] virtual Task<Result<wire::Body>> read(const OpenObject& object,
                                                      std::uint64_t offset,
                                                      std::uint64_t length) = 0;
  // Costs as much as the page is long, whatever the bucket holds.
  [[nodiscard]] virtual Result<ListPage> list(const ListQuery& query) = 0;
  [[nodiscard]] virtual Result<VersionPage> list_versions(const VersionQuery& query) = 0;
  // Replaces the tags of an object or of one version (empty: the current object). Errors: those of
  // head_version().
  [[nodiscard]] virtual Task<Result<StoredObject>> set_tags(std::string bucket, std::string key,
                                                            std::string version, Tags tags) = 0;
  // All in one step; one result each, in order. Removing what is not there is no error.
  [[nodiscard]] virtual Task<Result<std::vector<Result<Removed>>>> remove(
      std::string bucket, std::vector<Removal> removals) = 0;
};

}  // namespace tarn::s3
