// EmbeddedStore: the object store on this machine's disk.
//
// Place: services/s3. Records are in the metadata store, small bodies too, large ones in files
// (docs/formats/s3.md). Threads: as ObjectStore; start() and stop() belong to the owner.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/platform.h"
#include "services/s3/bodies.h"
#include "services/s3/ledger.h"
#include "services/s3/object_store.h"
#include "services/s3/uploads.h"
#include "store/store.h"

namespace tarn::s3 {

class EmbeddedStore final : public ObjectStore {
 public:
  // Keeps bodies under `directory`, encrypted by `encryption`.
  EmbeddedStore(platform::Platform platform, store::Store& store, const std::string& directory,
                Encryption& encryption);

  // Ready when it returns; the sweep of orphans goes on behind. Errors: kIo, kDiskFull.
  [[nodiscard]] Task<Status> start();
  [[nodiscard]] Task<void> stop();

  [[nodiscard]] Uploads& uploads() { return uploads_; }
  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] Bodies& bodies() { return bodies_; }

  Result<StoredBucket> bucket(std::string_view name) override;
  Result<std::vector<StoredBucket>> buckets() override;
  Task<Status> create_bucket(StoredBucket bucket) override;
  Task<Status> remove_bucket(std::string name) override;
  Task<Status> set_versioning(std::string bucket, Versioning versioning) override;
  Task<Result<StoredObject>> put(std::string bucket, std::string key, wire::Body body,
                                 PutOptions options) override;
  Result<StoredObject> head(std::string_view bucket, std::string_view key) override;
  Result<OpenObject> open(std::string_view bucket, std::string_view key) override;
  Result<StoredObject> head_version(std::string_view bucket, std::string_view key,
                                    std::string_view version) override;
  Result<OpenObject> open_version(std::string_view bucket, std::string_view key,
                                  std::string_view version) override;
  Task<Result<wire::Body>> read(const OpenObject& object, std::uint64_t offset,
                                std::uint64_t length) override;
  Result<ListPage> list(const ListQuery& query) override;
  Result<VersionPage> list_versions(const VersionQuery& query) override;
  Task<Result<StoredObject>> set_tags(std::string bucket, std::string key, std::string version,
                                      Tags tags) override;
  Task<Result<std::vector<Result<Removed>>>> remove(std::string bucket,
                                                    std::vector<Removal> removals) override;

 private:
  [[nodiscard]] Result<OpenObject> open_any(std::string_view bucket, std::string_view key,
                                            std::string_view version);
  [[nodiscard]] Result<std::optional<OpenObject>> try_open(std::string_view bucket,
                                                           std::string_view key,
                                                           std::string_view version);
  [[nodiscard]] static Result<Removed> remove_one(Draft& draft, const StoredBucket& bucket,
                                                  const Removal& removal,
                                                  platform::Platform& platform);

  platform::Platform platform_;
  store::Store& store_;
  Encryption& encryption_;
  Bodies bodies_;
  Ledger ledger_;  // after bodies_: its last commits discard files
  Uploads uploads_;
};

// Parts of mutations that objects and uploads share.

// Errors: NoSuchBucket.
[[nodiscard]] Result<StoredBucket> find_bucket(Draft& draft, const std::string& bucket);
[[nodiscard]] Result<std::optional<StoredObject>> find_object(Draft& draft,
                                                              const std::string& bucket,
                                                              const std::string& key);
// Drops a body's record and, once durable, its files.
Status discard_body(Draft& draft, const BodyRef& body);
}  // namespace tarn::s3
