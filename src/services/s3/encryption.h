// Encryption: by which key an object's bodies are encrypted, asked for and opened again.
//
// Place: services/s3, between the object store and KMS. Threads: begin() and open() from any
// thread.
//
// Every new object has a data key of its own, kept with it as KMS wrapped it: under S3's own key
// (SSE-S3, x-amz-server-side-encryption: AES256), or under a key of the account's KMS (SSE-KMS,
// aws:kms). What is asked for counts, then the bucket's default, then SSE-S3.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
//
// Errors of KMS come as S3 words them: "KMS.DisabledException", 400.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "services/kms/keys.h"
#include "services/s3/object.h"

namespace tarn::s3 {

// What a request, or a bucket's default, asks for.
struct EncryptionRequest {
  EncryptionKind kind = EncryptionKind::kNone;  // kNone: whatever is the default
  std::string key;                              // of kKms: id, ARN or alias; empty: alias/aws/s3
  std::string context;                          // of kKms: a JSON object of texts; empty: none
  std::optional<bool> bucket_key;               // of kKms
};

// A data key, as the object keeps it and open.
struct ObjectKey {
  StoredEncryption stored;
  std::string data_key;  // 32 bytes; empty: not encrypted
};

class Encryption {
 public:
  // What a bucket asks for where a request asks for nothing.
  using Default = std::function<EncryptionRequest(std::string_view bucket)>;

  explicit Encryption(kms::Keys& keys) : keys_(keys) {}

  // Before the first object is written.
  void set_default(Default of_bucket) { default_ = std::move(of_bucket); }

  // A new data key for `key` of `bucket`, on behalf of `caller`; nullopt: another room of the
  // server asks. Errors: KMS.NotFoundException and the like; AccessDenied; InvalidArgument (KMS for
  // an anonymous caller); kIo, kDiskFull.
  [[nodiscard]] Task<Result<ObjectKey>> begin(StoredBucket bucket, std::string key,
                                              EncryptionRequest request,
                                              std::optional<Caller> caller);

  // The data key of an object; empty where it is not encrypted. Errors: as begin(); kCorrupt.
  [[nodiscard]] Result<std::string> open(const std::optional<Caller>& caller,
                                         std::string_view bucket, std::string_view key,
                                         const StoredEncryption& stored);

 private:
  kms::Keys& keys_;
  Default default_;
};

// The pairs of a context given in JSON. Error: InvalidArgument.
[[nodiscard]] Result<kms::EncryptionContext> parse_context(std::string_view json);

}  // namespace tarn::s3
