// JSON that another program says: nothing of it may take this one down.
#include "wire/json_value.h"

#include <string>

#include <gtest/gtest.h>

namespace tarn::wire {
namespace {

TEST(JsonValue, WhatIsNestedTooDeepIsNoValue) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(parse_json(nested(kDeepestJson)).is_array());
  EXPECT_TRUE(parse_json(nested(kDeepestJson + 1)).is_discarded());
  EXPECT_TRUE(parse_ordered_json(nested(1'000'000)).is_discarded());
  // Beside one another, and in texts, there may be as many as there are.
  std::string wide = "[\"\\\"" + std::string(1000, '[') + "\"";
  for (int i = 0; i < 1000; ++i) wide += ",[]";
  EXPECT_EQ(parse_json(wide + "]").size(), 1001U);
}

TEST(JsonValue, MembersOfAnotherTypeAreNotThere) {
  const auto said =
      parse_json(R"({"text":"a","number":2.5,"whole":7,"large":99999999999,"list":[]})");
  EXPECT_EQ(text_or(said, "text"), "a");
  EXPECT_EQ(text_or(said, "whole", "none"), "none");
  EXPECT_EQ(text_or(said, "absent", "none"), "none");
  EXPECT_EQ(number_or(said, "number", 0), 2.5);
  EXPECT_EQ(number_or(said, "text", 1), 1);
  EXPECT_EQ(int_or(said, "whole", -1), 7);
  EXPECT_EQ(int_or(said, "number", -1), -1);
  EXPECT_EQ(int_or(said, "large", -1), -1);
  EXPECT_EQ(text_or(parse_json("[1]"), "text", "none"), "none");
}

}  // namespace
}  // namespace tarn::wire
