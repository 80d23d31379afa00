// Logs: a cluster's logs on their way to S3, compressed as EMR has them.
//
// Place: services/emr; the narrow port between the life of a cluster and the object store. Threads:
// safe from any thread.
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "services/s3/object_store.h"

namespace tarn::emr {

// A log of more than this is cut to its end before it is sent.
inline constexpr std::uint64_t kMostLogBytes = std::uint64_t{64} << 20;

struct S3Place {
  std::string bucket;
  std::string key;
};

// Where "s3://bucket/key" leads, by any of the schemes s3, s3a, s3n. Error: ValidationException.
[[nodiscard]] Result<S3Place> parse_s3_uri(const std::string& uri);

// `text` in the format of gzip (RFC 1952).
[[nodiscard]] std::string gzip(const std::string& text);
// The reverse, of at most `most` bytes. Error: kCorrupt.
[[nodiscard]] Result<std::string> gunzip(const std::string& bytes, std::size_t most);

// Where logs of a cluster go.
struct LogTarget {
  std::string folder;  // "s3://…/j-…/", ending in a slash; empty: nowhere
  s3::EncryptionRequest encryption;
};

class Logs {
 public:
  virtual ~Logs() = default;
  // `uri` names the object. Errors: ValidationException, those of the store.
  [[nodiscard]] virtual Task<Status> put(std::string uri, std::string content,
                                         s3::EncryptionRequest encryption) = 0;
  // The text of a log that was put. Errors: NoSuchKey and others of the store, kCorrupt (no gzip).
  [[nodiscard]] virtual Task<Result<std::string>> get(std::string uri) = 0;
};

class S3Logs final : public Logs {
 public:
  explicit S3Logs(s3::ObjectStore& store) : store_(store) {}
  [[nodiscard]] Task<Status> put(std::string uri, std::string content,
                                 s3::EncryptionRequest encryption) override;
  [[nodiscard]] Task<Result<std::string>> get(std::string uri) override;

 private:
  s3::ObjectStore& store_;
};

// Sends `folder`/NAME as NAME.gz. Errors: those of put; kIo.
[[nodiscard]] Task<Status> send_log(platform::Platform& platform, Logs& logs, std::string folder,
                                    std::string name, LogTarget to);

// A log that has grown over kMostLogBytes loses its beginning. Blocks. Errors: kIo.
[[nodiscard]] Status bound_log(platform::Files& files, const std::string& path);

// The last `bytes` of a file; empty where there is none. Blocks.
[[nodiscard]] std::string tail_of(platform::Files& files, const std::string& path,
                                  std::uint64_t bytes);

}  // namespace tarn::emr
