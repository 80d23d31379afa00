// What the S3 handlers work on.
//
// Place: services/s3. Threads: data plane: handlers run on any I/O thread at the same time as
// others.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/platform.h"
#include "services/s3/expiry.h"
#include "services/s3/object_store.h"
#include "services/s3/public_objects.h"
#include "services/s3/settings.h"
#include "services/s3/uploads.h"

namespace tarn::s3 {

struct S3 {
  platform::Platform platform;
  ObjectStore& store;
  Uploads& uploads;
  PublicObjects public_objects;
  Settings& settings;
  Expiry& expiry;
};

// The bucket, where it is whose the caller expects. Errors: NoSuchBucket, AccessDenied.
[[nodiscard]] Result<StoredBucket> expect_bucket(S3& s3, const std::string& bucket,
                                                 const std::optional<std::string>& owner);

}  // namespace tarn::s3
