// What the object store keeps of a bucket, an object, an upload and a part.
//
// Place: services/s3. Threads: value types.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/clock.h"
#include "wire/checksum.h"

namespace tarn::s3 {

// Names one stored body; random, never reused.
using BodyId = std::array<char, 16>;

inline std::string_view bytes_of(const BodyId& id) {
  return {id.data(), id.size()};
}

enum class BodyKind : std::uint8_t {
  kInline = 0,     // in the metadata store, beside its record
  kFile = 1,       // one file
  kComposite = 2,  // the bodies of a multipart upload's parts, in order
};

struct BodyRef {
  BodyId id{};
  BodyKind kind = BodyKind::kInline;
};

// A checksum in S3's sense: what clients ask for by x-amz-checksum-*.
struct StoredChecksum {
  wire::ChecksumAlgorithm algorithm = wire::ChecksumAlgorithm::kCrc64Nvme;
  // true: the checksum of the parts' checksums; `value` then is followed by "-N" on the wire.
  bool composite = false;
  std::string value;  // binary, big-endian
};

// Headers that are kept as they came and given back with the object. Empty: not given.
struct ObjectHeaders {
  std::string content_type;
  std::string cache_control;
  std::string content_disposition;
  std::string content_encoding;
  std::string content_language;
  std::string expires;
  std::string website_redirect_location;
  std::string storage_class;                    // empty: STANDARD
  std::map<std::string, std::string> metadata;  // x-amz-meta-*, without the prefix
};

// x-amz-tagging and the Tagging documents: at most 10 of an object, 50 of a bucket.
using Tags = std::map<std::string, std::string>;

// Where a version stands among those of its key.
struct VersionMark {
  std::uint64_t sequence = 0;  // grows from version to version; 0: written before versioning
  std::string id;              // 32 characters; empty: the null version
  bool delete_marker = false;
};

enum class EncryptionKind : std::uint8_t {
  kNone = 0,  // kept before there was encryption
  kS3 = 1,    // SSE-S3, "AES256"
  kKms = 2,   // SSE-KMS, "aws:kms"
};

// How the bodies of an object or an upload are encrypted.
struct StoredEncryption {
  EncryptionKind kind = EncryptionKind::kNone;
  std::string data_key;     // as KMS wrapped it
  std::string key_arn;      // kKms: of the KMS key
  std::string context;      // kKms: what the client gave, a JSON object; empty: nothing
  bool bucket_key = false;  // kKms: bound to the bucket, not to the object
};

struct StoredObject {
  std::uint64_t size = 0;
  Timestamp last_modified;
  std::string etag;  // without quotes: "d41d…", or "d41d…-3" of three parts
  std::optional<StoredChecksum> checksum;
  std::uint32_t part_count = 0;  // 0: not made by a multipart upload
  BodyRef body;
  std::string upload_id;  // of the multipart upload that made it
  ObjectHeaders headers;
  VersionMark version;
  StoredEncryption encryption;
  Tags tags;
};

// A bucket that once kept versions never goes back to kNever.
enum class Versioning : std::uint8_t { kNever = 0, kEnabled = 1, kSuspended = 2 };

struct StoredBucket {
  std::string name;
  std::string owner;   // account id
  std::string region;  // "us-west-2"
  Timestamp created;
  Versioning versioning = Versioning::kNever;
  // Documents by name (settings.h) that create_bucket() keeps with it; otherwise empty.
  std::map<std::string, std::string> settings;
};

struct StoredUpload {
  std::string bucket;
  std::string key;
  std::string id;
  Timestamp initiated;
  std::string initiator;  // ARN of the caller
  wire::ChecksumAlgorithm checksum_algorithm = wire::ChecksumAlgorithm::kCrc64Nvme;
  bool checksum_composite = false;
  bool checksum_requested = false;  // by CreateMultipartUpload; otherwise S3's default
  ObjectHeaders headers;
  Tags tags;
  StoredEncryption encryption;
};

struct StoredPart {
  std::uint32_t number = 0;  // 1–10,000
  std::uint64_t size = 0;
  Timestamp last_modified;
  std::string md5;  // binary; under KMS what stands for it in the ETag
  StoredChecksum checksum;
  BodyRef body;
};

// One stretch of a composite body.
struct Segment {
  BodyRef body;
  std::uint64_t size = 0;
  std::uint32_t part_number = 0;
  std::string checksum;  // binary value of the part, under the object's algorithm
};

}  // namespace tarn::s3
