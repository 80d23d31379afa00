// Uploads: multipart uploads, durable from the first part on.
//
// Place: services/s3, beside the embedded object store whose records it makes. Threads: safe from
// any thread. Completing copies nothing: the object becomes the list of its parts' bodies. Source:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html Errors everywhere:
// NoSuchBucket, NoSuchUpload, kIo, kCorrupt; of writes also kDiskFull.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "platform/platform.h"
#include "services/s3/bodies.h"
#include "services/s3/condition.h"
#include "services/s3/encryption.h"
#include "services/s3/integrity.h"
#include "services/s3/ledger.h"
#include "services/s3/object.h"
#include "wire/body.h"

namespace tarn::s3 {

inline constexpr std::uint32_t kMaxPartNumber = 10'000;
inline constexpr std::uint64_t kMinPartBytes = 5ULL << 20;

struct UploadName {
  std::string bucket;
  std::string key;
  std::string id;
};

// A part as CompleteMultipartUpload names it.
struct NamedPart {
  std::uint32_t number = 0;
  std::string etag;
  std::vector<std::pair<wire::ChecksumAlgorithm, std::string>> checksums;  // base64
};

struct UploadCompletion {
  std::vector<NamedPart> parts;
  WriteCondition condition;
  std::optional<std::uint64_t> size;  // x-amz-mp-object-size
  // Of the whole object, where the client declares one: base64, "-N" after a composite one.
  std::vector<std::pair<wire::ChecksumAlgorithm, std::string>> checksums;
  std::optional<bool> composite;  // x-amz-checksum-type
};

struct PartPage {
  StoredUpload upload;
  std::vector<StoredPart> parts;
  bool truncated = false;
};

struct UploadQuery {
  std::string bucket;
  std::string prefix;
  std::string delimiter;
  std::string key_marker;
  std::string id_marker;
  std::size_t max_uploads = 1000;
};

struct UploadPage {
  std::vector<StoredUpload> uploads;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key;
  std::string next_id;
};

class Uploads {
 public:
  Uploads(platform::Platform platform, Bodies& bodies, Ledger& ledger, Encryption& encryption);

  // `upload` without id, time and encryption. The upload's id. Errors also: those of the KMS key,
  // for which `caller` asks (nullopt: another room).
  [[nodiscard]] Task<Result<std::string>> create(StoredUpload upload,
                                                 EncryptionRequest encryption = {},
                                                 std::optional<Caller> caller = {});
  [[nodiscard]] Result<StoredUpload> find(const UploadName& name);
  // Errors: those of the body and its checksums; EntityTooLarge; InvalidRequest (another algorithm
  // than the upload's); those of the KMS key.
  [[nodiscard]] Task<Result<StoredPart>> put_part(UploadName name, std::uint32_t number,
                                                  wire::Body body, Integrity integrity,
                                                  std::optional<Caller> caller = {});
  // Errors: InvalidPart, InvalidPartOrder, EntityTooSmall, InvalidRequest, BadDigest, those of the
  // condition. Completing again what made the current object gives that object.
  [[nodiscard]] Task<Result<StoredObject>> complete(UploadName name, UploadCompletion completion);
  [[nodiscard]] Task<Status> abort(UploadName name, std::optional<Timestamp> if_initiated);
  [[nodiscard]] Result<PartPage> parts(const UploadName& name, std::uint32_t after,
                                       std::size_t limit);
  [[nodiscard]] Result<UploadPage> list(const UploadQuery& query);

 private:
  [[nodiscard]] Status completed(Draft& draft, const UploadName& name,
                                 const UploadCompletion& completion, bool existed,
                                 StoredObject& made);

  platform::Platform platform_;
  Bodies& bodies_;
  Ledger& ledger_;
  Encryption& encryption_;
};

}  // namespace tarn::s3
