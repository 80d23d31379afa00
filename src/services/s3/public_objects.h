// Public objects: what AWS and its partners publish in buckets of their own and programs name by
// those buckets.
//
// Place: services/s3. Threads: constant after construction.
//
// A notebook written for AWS takes its connector from AWS's bucket. Here that name leads to tarn's
// own connector, for every version and every caller. A user's own bucket of the same name takes
// precedence.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::s3 {

struct PublicObject {
  std::string bucket;
  std::string prefix;
  std::string suffix;
  std::string path;         // the file; may be absent
  std::string when_absent;  // what to do then
};

class PublicObjects {
 public:
  explicit PublicObjects(std::vector<PublicObject> table) : table_(std::move(table)) {}

  // The entry that s3://bucket/key stands for, or nullptr.
  [[nodiscard]] const PublicObject* find(std::string_view bucket, std::string_view key) const;

 private:
  std::vector<PublicObject> table_;
};

// tarn's table. `connector_path`: the jar of the Spark source `aws-kinesis`.
[[nodiscard]] PublicObjects tarn_public_objects(std::string connector_path);

}  // namespace tarn::s3
