// DynamoDB's expressions: any text parses or is a ValidationException, in each of the four
// grammars.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/dynamodb/expression/parser.h"

namespace {

using tarn::dynamodb::Placeholders;
using tarn::dynamodb::Value;

Placeholders placeholders() {
  const Placeholders::Names names = {{"#a", "a"}, {"#b", "b"}};
  Placeholders::Values values = {{":v", Value()}, {":w", Value()}};
  auto made = Placeholders::make(&names, &values);
  if (!made.ok()) std::abort();
  return std::move(*made);
}

template <class T>
void must_be_a_validation_error(const tarn::Result<T>& parsed) {
  if (!parsed.ok() && !parsed.error().is("ValidationException")) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto known = placeholders();
  must_be_a_validation_error(tarn::dynamodb::parse_condition("ConditionExpression", text, known));
  must_be_a_validation_error(
      tarn::dynamodb::parse_condition("KeyConditionExpression", text, known));
  must_be_a_validation_error(tarn::dynamodb::parse_update(text, known));
  const auto paths = tarn::dynamodb::parse_projection(text, known);
  must_be_a_validation_error(paths);
  if (paths.ok()) {
    const auto overlaps = tarn::dynamodb::check_overlaps("ProjectionExpression", *paths);
    must_be_a_validation_error(overlaps);
  }
  return 0;
}
