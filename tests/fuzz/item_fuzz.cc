// Request bodies through the shape tables of the deepest shape there is, a DynamoDB item: any bytes
// are a shape or an error that names itself, in JSON and in CBOR; a shape that was read is written
// and read back to the same text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/dynamodb/api.h"
#include "wire/cbor_codec.h"
#include "wire/json_codec.h"

namespace {

using Shape = tarn::dynamodb::PutItemInput;

void must_name_itself(const tarn::Error& error) {
  if (!error.is("SerializationException") && !error.is("ValidationException")) std::abort();
}

void round_trip(const Shape& shape) {
  const std::string text = tarn::wire::to_json(Shape::schema(), &shape);
  Shape again;
  if (!tarn::wire::from_json(Shape::schema(), text, &again).ok()) std::abort();
  if (tarn::wire::to_json(Shape::schema(), &again) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Shape json;
  if (const auto read = tarn::wire::from_json(Shape::schema(), bytes, &json); read.ok()) {
    round_trip(json);
  } else {
    must_name_itself(read.error());
  }
  Shape cbor;
  if (const auto read = tarn::wire::from_cbor(Shape::schema(), bytes, &cbor); !read.ok()) {
    must_name_itself(read.error());
  }
  return 0;
}
