// CRC-32C (Castagnoli), the checksum of the log's batches, headers and index entries (RFC 3720,
// appendix B.4).
//
// Place: kinesis, on-disk formats (docs/formats/kinesis-log.md). Threads: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

namespace tarn::kinesis {

// The checksum of `data`, or of what gave `before` followed by `data`.
[[nodiscard]] std::uint32_t crc32c(std::string_view data, std::uint32_t before = 0);

}  // namespace tarn::kinesis
