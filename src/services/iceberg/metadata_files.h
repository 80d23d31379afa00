// MetadataFiles: metadata documents as objects under s3://.
//
// Place: services/iceberg, over the ObjectStore port. Threads: safe from any thread; what returns a
// Task waits for the disk.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "services/s3/object_store.h"

namespace tarn::iceberg {

// Where an object stands.
struct S3Location {
  std::string bucket;
  std::string key;
};

// "s3://bucket/key"; s3a:// and s3n:// are the same to Hadoop's users. Error: BadRequestException.
[[nodiscard]] Result<S3Location> parse_location(std::string_view location);
// Without slashes at its end, so that names can be appended.
[[nodiscard]] std::string strip_slashes(std::string location);

class MetadataFiles {
 public:
  // The largest document that is read.
  static constexpr std::size_t kLimit = std::size_t{256} << 20;

  explicit MetadataFiles(s3::ObjectStore& store) : store_(store) {}

  // The document's text; a compressed one (write.metadata.compression-codec=gzip) is unpacked.
  // Errors: BadRequestException (no such place, too large, damaged), kIo, kCorrupt.
  [[nodiscard]] Task<Result<std::string>> read(std::string location);
  // Makes a new object, durable when it returns. Errors: BadRequestException (no such bucket),
  // AlreadyExistsException, kIo, kDiskFull.
  [[nodiscard]] Task<Status> write(std::string location, std::string content);
  // What cannot be removed is left and logged: an orphan at worst.
  [[nodiscard]] Task<void> remove(std::vector<std::string> locations);

 private:
  s3::ObjectStore& store_;
};

}  // namespace tarn::iceberg
