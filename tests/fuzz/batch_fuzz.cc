// Whatever stands on disk, reading a batch ends: its header holds or does not, and its payload is
// walked without stepping outside. A header that was read is written back the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/kinesis/batch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tarn::kinesis::BatchHeader;
  using tarn::kinesis::PayloadReader;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto header = BatchHeader::decode(bytes)) {
    const auto written = header->encode();
    if (!std::equal(written.begin(), written.end(), bytes.begin())) std::abort();
  }
  PayloadReader reader(bytes);
  std::size_t walked = 0;
  while (const auto record = reader.next())
    walked += record->partition_key.size() + record->data.size();
  if (walked > size) std::abort();
  return 0;
}
