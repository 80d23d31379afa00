// Ranges of reads and of copies.
//
// Place: services/s3. Threads: pure functions.
// Source: RFC 9110 section 14; https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::s3 {

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// The stretch that a Range header names of an object of `size` bytes; nullopt: the header is none
// that counts (several ranges, another unit), so the whole is meant. Error: InvalidRange (416).
[[nodiscard]] Result<std::optional<ByteRange>> parse_range(std::string_view header,
                                                           std::uint64_t size);

// Of x-amz-copy-source-range, which must be "bytes=first-last" within the source.
// Errors: InvalidArgument, InvalidRequest.
[[nodiscard]] Result<ByteRange> parse_copy_range(std::string_view header, std::uint64_t size);

// "bytes 0-9/100"
[[nodiscard]] std::string content_range(const ByteRange& range, std::uint64_t size);

}  // namespace tarn::s3
