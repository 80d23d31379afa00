// PlainFile: a file that tarn itself ships, answered as an object.
//
// Place: services/s3. Threads: a value; its bodies as a BodySource.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "services/s3/object.h"
#include "wire/body.h"

namespace tarn::s3 {

// Size, time and an ETag that changes with them. Errors: kNotFound, kIo.
[[nodiscard]] Task<Result<StoredObject>> stat_plain_file(platform::Platform platform,
                                                         std::string path);

// Bytes [offset, offset + length) of the file. Errors: kNotFound, kIo; of next(): kIo.
[[nodiscard]] Task<Result<wire::Body>> read_plain_file(platform::Platform platform,
                                                       std::string path, std::uint64_t offset,
                                                       std::uint64_t length);

}  // namespace tarn::s3
