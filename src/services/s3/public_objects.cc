#include "services/s3/public_objects.h"

#include <utility>

namespace tarn::s3 {

const PublicObject* PublicObjects::find(std::string_view bucket, std::string_view key) const {
  for (const PublicObject& entry : table_) {
    const bool long_enough = key.size() >= entry.prefix.size() + entry.suffix.size();
    if (entry.bucket == bucket && long_enough && key.starts_with(entry.prefix) &&
        key.ends_with(entry.suffix)) {
      return &entry;
    }
  }
  return nullptr;
}

PublicObjects tarn_public_objects(std::string connector_path) {
  return PublicObjects({
      {"awslabs-code-us-east-1", "spark-sql-kinesis-connector/", ".jar", std::move(connector_path),
       "The connector is not built yet: run `./dev build`, which puts it where tarn looks for it."},
  });
}

}  // namespace tarn::s3
