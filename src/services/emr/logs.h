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

class Logs {
 public:
  virtual ~Logs() = default;
  // `uri` names the object. Errors: ValidationException, those of the store.
  [[nodiscard]] virtual Task<Status> put(std::string uri, std::string content) = 0;
};

class S3Logs final : public Logs {
 public:
  explicit S3Logs(s3::ObjectStore& store) : store_(store) {}
  [[nodiscard]] Task<Status> put(std::string uri, std::string content) override;

 private:
  s3::ObjectStore& store_;
};

// Sends `folder`/NAME as `uri_folder`NAME.gz. Errors: those of put; kIo.
[[nodiscard]] Task<Status> send_log(platform::Platform& platform, Logs& logs, std::string folder,
                                    std::string name, std::string uri_folder);

// The last `bytes` of a file; empty where there is none. Blocks.
[[nodiscard]] std::string tail_of(platform::Files& files, const std::string& path,
                                  std::uint64_t bytes);

}  // namespace tarn::emr
