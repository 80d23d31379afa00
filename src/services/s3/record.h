// Keys and values of the object store in the metadata store; described in docs/formats/s3.md.
//
// Place: services/s3. Threads: pure functions.
// Decoding fails with kCorrupt and the name of the record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "services/s3/object.h"

namespace tarn::s3 {

// What the metadata store holds under a body's key.
struct BodyRecord {
  BodyKind kind = BodyKind::kInline;
  std::uint64_t size = 0;
  std::uint32_t crc32c = 0;       // of `data`
  std::string data;               // kInline
  std::vector<Segment> segments;  // kComposite
};

// How far the daily look at a bucket's versions and uploads has come.
struct SweepProgress {
  std::int64_t day = 0;  // since 1970
  bool done = false;
  std::string after;  // the last key that was looked at
};

// Space kS3Index: bucket NUL key, in the order of ListObjects.
[[nodiscard]] std::string object_key(std::string_view bucket, std::string_view key);

// Space kS3.
[[nodiscard]] std::string bucket_key(std::string_view bucket);
[[nodiscard]] std::string body_key(const BodyId& id);
[[nodiscard]] std::string upload_key(std::string_view bucket, std::string_view key,
                                     std::string_view upload_id);
// All uploads of a bucket whose key starts with `prefix`.
[[nodiscard]] std::string upload_prefix(std::string_view bucket, std::string_view prefix);
// Key and upload id out of an upload's key.
[[nodiscard]] Result<std::pair<std::string, std::string>> split_upload_key(
    std::string_view bucket, std::string_view stored_key);
[[nodiscard]] std::string part_prefix(std::string_view upload_id);
[[nodiscard]] std::string part_key(std::string_view upload_id, std::uint32_t number);

// Versions other than the current object, the newest first: all of a bucket whose key starts with
// `prefix`, all of one key, and one.
[[nodiscard]] std::string version_prefix(std::string_view bucket, std::string_view prefix);
[[nodiscard]] std::string versions_of_key(std::string_view bucket, std::string_view key);
[[nodiscard]] std::string version_key(std::string_view bucket, std::string_view key,
                                      std::uint64_t sequence);
struct VersionPlace {
  std::string key;
  std::uint64_t sequence = 0;
};
[[nodiscard]] Result<VersionPlace> split_version_key(std::string_view bucket,
                                                     std::string_view stored_key);
// Under it stands the sequence of the key's null version, where that is not the current object.
[[nodiscard]] std::string null_version_key(std::string_view bucket, std::string_view key);
// A document of a bucket's settings; all of them begin with that of the empty name.
[[nodiscard]] std::string setting_key(std::string_view bucket, std::string_view name);
inline constexpr std::string_view kSettingPrefix = "c";
[[nodiscard]] std::string sweep_key(std::string_view bucket);

inline constexpr std::size_t kUploadIdLength = 64;
inline constexpr std::string_view kBucketPrefix = "B";

[[nodiscard]] std::string encode(const StoredObject& object);
[[nodiscard]] std::string encode(const StoredBucket& bucket);
[[nodiscard]] std::string encode(const BodyRecord& body);
[[nodiscard]] std::string encode(const StoredUpload& upload);
[[nodiscard]] std::string encode(const StoredPart& part);
[[nodiscard]] std::string encode_sequence(std::uint64_t sequence);
[[nodiscard]] std::string encode(const SweepProgress& progress);
[[nodiscard]] std::string encode_setting(std::string_view document);

[[nodiscard]] Result<StoredObject> decode_object(std::string_view record);
// Without headers, upload id and part count: what a list shows.
[[nodiscard]] Result<StoredObject> decode_object_summary(std::string_view record);
[[nodiscard]] Result<StoredBucket> decode_bucket(std::string_view name, std::string_view record);
[[nodiscard]] Result<BodyRecord> decode_body(std::string_view record);
// bucket, key and id are left empty: they stand in the key.
[[nodiscard]] Result<StoredUpload> decode_upload(std::string_view record);
[[nodiscard]] Result<StoredPart> decode_part(std::uint32_t number, std::string_view record);
[[nodiscard]] Result<std::uint64_t> decode_sequence(std::string_view record);
[[nodiscard]] Result<SweepProgress> decode_sweep(std::string_view record);
[[nodiscard]] Result<std::string> decode_setting(std::string_view record);

}  // namespace tarn::s3
