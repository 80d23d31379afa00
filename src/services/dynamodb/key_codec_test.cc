#include "services/dynamodb/key_codec.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tarn::dynamodb {
namespace {

std::string form(const Value& value) {
  std::string out;
  append_key_value(out, value);
  return out;
}

TEST(KeyCodec, StringsAndBinariesOrderByTheirBytes) {
  using namespace std::string_literals;
  const std::vector<std::string> ascending = {""s,   "\0"s, "\0\0"s,     "\0\1"s, "\0\xff"s,
                                              "\1"s, "a"s,  "a\0"s,      "a\1"s,  "aa"s,
                                              "ab"s, "b"s,  "\xc3\xa4"s, "\xff"s};
  for (std::size_t i = 1; i < ascending.size(); ++i) {
    EXPECT_LT(form(Value{ascending[i - 1]}), form(Value{ascending[i]})) << i;
    EXPECT_LT(form(Value{Binary{ascending[i - 1]}}), form(Value{Binary{ascending[i]}})) << i;
  }
}

TEST(KeyCodec, NumbersOrderByValueNotByText) {
  const auto number = [](std::string_view text) {
    return Value{Decimal::parse(text).value()};
  };
  EXPECT_LT(form(number("9")), form(number("10")));
  EXPECT_LT(form(number("-10")), form(number("-9")));
  EXPECT_LT(form(number("-1")), form(number("0")));
  EXPECT_EQ(form(number("1.0")), form(number("1")));
}

TEST(KeyCodec, NoFormIsAPrefixOfAnother) {
  using namespace std::string_literals;
  for (const auto& a : {""s, "a"s, "ab"s, "a\0"s, "a\0\1"s}) {
    for (const auto& b : {""s, "a"s, "ab"s, "a\0"s, "a\0\1"s}) {
      if (a != b) {
        EXPECT_FALSE(form(Value{b}).starts_with(form(Value{a})));
      }
    }
  }
}

TEST(KeyCodec, PrefixFormBeginsExactlyTheValuesThatBeginSo) {
  using namespace std::string_literals;
  std::string prefix;
  append_key_prefix(prefix, Value{"a\0"s});
  EXPECT_TRUE(form(Value{"a\0"s}).starts_with(prefix));
  EXPECT_TRUE(form(Value{"a\0z"s}).starts_with(prefix));
  EXPECT_FALSE(form(Value{"a"s}).starts_with(prefix));
  EXPECT_FALSE(form(Value{"a\1"s}).starts_with(prefix));
}

TEST(KeyCodec, RingPositionsAreFixedForever) {
  // These stand on disk: a change here is a new format version.
  EXPECT_EQ(ring_position(""), 3275242578U);
  EXPECT_EQ(ring_position("customer-1"), 2937151329U);
}

}  // namespace
}  // namespace tarn::dynamodb
