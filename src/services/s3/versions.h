// Versions: which versions a key has, in their order, and how a write or a delete moves them.
//
// Place: services/s3, under the embedded store and its uploads; the one place that gives version
// ids. Threads: what takes a Draft runs within a mutation of the ledger; the rest is safe from any
// thread.
//
// The current object stands in `s3index` whether its bucket keeps versions or not, so that a list
// of objects costs the same. Older versions and delete markers stand in `s3`, the newest first. A
// key without a current object whose newest version is a delete marker is deleted.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
// Errors everywhere: kIo, kCorrupt.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/random.h"
#include "services/s3/ledger.h"
#include "services/s3/object.h"
#include "services/s3/object_store.h"
#include "store/store.h"

namespace tarn::s3 {

// Greater than that of every older version of the key, also across a step of the clock.
[[nodiscard]] std::uint64_t sequence_of(const StoredObject& object);
// As the API shows it: "null" for what has no id.
[[nodiscard]] std::string shown_version(const VersionMark& version);
// Whether `id` has the form of a version id of this store, or is "null".
[[nodiscard]] bool is_version_id(std::string_view id);

// Puts `object` as the newest version of `key`; gives it its mark. `before` is the current object:
// it stays as a version, or its body goes.
Status place_object(Draft& draft, const StoredBucket& bucket, const std::string& key,
                    const std::optional<StoredObject>& before, platform::Random& random,
                    StoredObject& object);

// Removes the current object, or lays a delete marker over it. `now` is the marker's time.
[[nodiscard]] Result<Removed> remove_current(Draft& draft, const StoredBucket& bucket,
                                             const std::string& key,
                                             const std::optional<StoredObject>& current,
                                             platform::Random& random, Timestamp now);

// Removes `version`, which was found, for good; what was below it may become current.
[[nodiscard]] Result<Removed> remove_version(Draft& draft, const std::string& bucket,
                                             const std::string& key, const StoredObject& version);

// Writes `object`, of which only what is not its version or body has changed, to where it stands.
Status rewrite_version(Draft& draft, const std::string& bucket, const std::string& key,
                       const StoredObject& object);

// How a record is read: from a draft or from the store.
using Lookup = std::function<Result<std::optional<std::string>>(store::Space, const std::string&)>;

// The version of that id ("null", or as place_object gave it), delete markers too; nullopt where
// there is none.
[[nodiscard]] Result<std::optional<StoredObject>> find_version(const Lookup& lookup,
                                                               const std::string& bucket,
                                                               const std::string& key,
                                                               std::string_view id);

// The delete marker that makes the key absent, where one does.
[[nodiscard]] Result<std::optional<StoredObject>> find_marker(store::Store& store,
                                                              const std::string& bucket,
                                                              const std::string& key);

// Every version, by key and from new to old. Costs as much as the page is long.
[[nodiscard]] Result<VersionPage> list_versions(store::Store& store, const VersionQuery& query);

}  // namespace tarn::s3
