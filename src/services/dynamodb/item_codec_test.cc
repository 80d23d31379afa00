#include "services/dynamodb/item_codec.h"

#include <gtest/gtest.h>

namespace tarn::dynamodb {
namespace {

Decimal number(std::string_view text) {
  return Decimal::parse(text).value();
}

Item item_of_every_type() {
  Item item;
  item["s"] = Value{std::string("text with \0 in it", 17)};
  item["n"] = Value{number("-12.5e10")};
  item["b"] = Value{Binary{std::string("\0\xff\x01", 3)}};
  item["t"] = Value{true};
  item["f"] = Value{false};
  item["null"] = Value{Null{}};
  item["ss"] = Value{StringSet{{"a", "b", ""}}};
  item["ns"] = Value{NumberSet{{number("1"), number("-2")}}};
  item["bs"] = Value{BinarySet{{std::string("\0", 1), "x"}}};
  item["l"] = Value{List{Value{std::string("x")}, Value{List{}}, Value{number("0")}}};
  item["m"] =
      Value{Map{{"k", Value{Map{{"deep", Value{Null{}}}}}}, {"", Value{std::string(300, 'y')}}}};
  return item;
}

TEST(ItemCodec, ReadsBackEveryType) {
  const Item item = item_of_every_type();
  const auto back = decode_item(encode_item(item));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, item);
  EXPECT_EQ(decode_item(encode_item({})).value(), Item());
}

TEST(ItemCodec, EveryCutIsNamedAsDamage) {
  const std::string bytes = encode_item(item_of_every_type());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto back = decode_item(std::string_view(bytes).substr(0, length));
    ASSERT_FALSE(back.ok()) << length;
    EXPECT_EQ(back.error().code, code::kCorrupt);
  }
  EXPECT_EQ(decode_item(bytes + "x").error().code, code::kCorrupt);
  EXPECT_EQ(decode_item("\x09").error().code, code::kCorrupt);
}

TEST(ItemCodec, KeepsTheDeepestItemThatMayBeWritten) {
  Value value{std::string("bottom")};
  for (std::size_t i = 0; i < kMaxDepth; ++i)
    value = Value{i % 2 == 0 ? Value{List{value}} : Value{Map{{"m", value}}}};
  const Item item{{"deep", value}};
  const auto back = decode_item(encode_item(item));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, item);
}

TEST(ItemCodec, SizesFollowTheDocumentation) {
  // Names and values in UTF-8 bytes; lists and maps 3 bytes and 1 per element.
  EXPECT_EQ(size_bytes(Item{{"pk", Value{std::string("abc")}}}), 5U);
  EXPECT_EQ(size_bytes(Item{{"l", Value{List{Value{true}, Value{Null{}}}}}}), 1U + 3U + 2U + 2U);
  EXPECT_EQ(size_bytes(Item{{"m", Value{Map{{"ab", Value{std::string("c")}}}}}}),
            1U + 3U + 1U + 3U);
}

}  // namespace
}  // namespace tarn::dynamodb
