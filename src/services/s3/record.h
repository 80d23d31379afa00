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

inline constexpr std::size_t kUploadIdLength = 64;
inline constexpr std::string_view kBucketPrefix = "B";

[[nodiscard]] std::string encode(const StoredObject& object);
[[nodiscard]] std::string encode(const StoredBucket& bucket);
[[nodiscard]] std::string encode(const BodyRecord& body);
[[nodiscard]] std::string encode(const StoredUpload& upload);
[[nodiscard]] std::string encode(const StoredPart& part);

[[nodiscard]] Result<StoredObject> decode_object(std::string_view record);
// Without headers, upload id and part count: what a list shows.
[[nodiscard]] Result<StoredObject> decode_object_summary(std::string_view record);
[[nodiscard]] Result<StoredBucket> decode_bucket(std::string_view name, std::string_view record);
[[nodiscard]] Result<BodyRecord> decode_body(std::string_view record);
// bucket, key and id are left empty: they stand in the key.
[[nodiscard]] Result<StoredUpload> decode_upload(std::string_view record);
[[nodiscard]] Result<StoredPart> decode_part(std::uint32_t number, std::string_view record);

}  // namespace tarn::s3
