// The checksums that a request declares of a body that was read whole, such as DeleteObjects's.
//
// Place: wire; used by the gateway's chain. Threads: pure functions.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/http.h"
#include "wire/schema.h"

namespace tarn::wire {

// Holds Content-MD5 and every x-amz-checksum-* of `headers` and `trailers` against `content`. A
// header that `input` (may be null) has as a member is the operation's own:
// CompleteMultipartUpload's tells of the object, not of the body. Errors: InvalidDigest
// (Content-MD5 is no MD5), InvalidRequest (a checksum that is none), BadDigest.
[[nodiscard]] Status check_declared_checksums(
    const Schema* input, const Headers& headers,
    const std::vector<std::pair<std::string, std::string>>& trailers, std::string_view content);

}  // namespace tarn::wire
