#include "services/dynamodb/decimal.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tarn::dynamodb {
namespace {

Decimal number(std::string_view text) {
  auto parsed = Decimal::parse(text);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed.ok() ? *parsed : Decimal();
}

TEST(Decimal, ReturnsNumbersInPlainNotationWithoutNeedlessZeros) {
  const std::vector<std::array<std::string, 2>> cases = {
      {"0", "0"},
      {"-0", "0"},
      {"0.000", "0"},
      {"1", "1"},
      {"007", "7"},
      {"1.50", "1.5"},
      {"-12.340", "-12.34"},
      {"1e2", "100"},
      {"1E+2", "100"},
      {"2.5e-3", "0.0025"},
      {".5", "0.5"},
      {"5.", "5"},
      {"100", "100"},
      {"120.5", "120.5"},
      {"+3", "3"},
      {"0e999999999", "0"},
      {"12345678901234567890123456789012345678", "12345678901234567890123456789012345678"}};
  for (const auto& [in, out] : cases) EXPECT_EQ(number(in).to_string(), out) << in;
  EXPECT_EQ(number("1e125").to_string(), "1" + std::string(125, '0'));
  EXPECT_EQ(number("1e-130").to_string(), "0." + std::string(129, '0') + "1");
}

TEST(Decimal, RefusesWhatIsNoNumberOrDoesNotFit) {
  const std::vector<std::array<std::string, 2>> cases = {
      {"", "The parameter cannot be converted to a numeric value"},
      {"abc", "The parameter cannot be converted to a numeric value: abc"},
      {"1 ", "The parameter cannot be converted to a numeric value: 1 "},
      {"1e", "The parameter cannot be converted to a numeric value: 1e"},
      {".", "The parameter cannot be converted to a numeric value: ."},
      {"NaN", "The parameter cannot be converted to a numeric value: NaN"},
      {"Infinity", "The parameter cannot be converted to a numeric value: Infinity"},
      {"123456789012345678901234567890123456789",
       "Attempting to store more than 38 significant digits in a Number"},
      {"1e126",
       "Number overflow. Attempting to store a number with magnitude larger than supported range"},
      {"-1e99999999999999999999",
       "Number overflow. Attempting to store a number with magnitude larger than supported range"},
      {"1e-131",
       "Number underflow. Attempting to store a number with magnitude smaller than supported "
       "range"}};
  for (const auto& [in, message] : cases) {
    const auto parsed = Decimal::parse(in);
    ASSERT_FALSE(parsed.ok()) << in;
    EXPECT_EQ(parsed.error().code, "ValidationException");
    EXPECT_EQ(parsed.error().message, message);
  }
}

TEST(Decimal, AddsAndSubtractsExactly) {
  const std::vector<std::array<std::string, 3>> sums = {{"1", "2", "3"},
                                                        {"0.1", "0.2", "0.3"},
                                                        {"99", "1", "100"},
                                                        {"-1", "1", "0"},
                                                        {"5", "-8", "-3"},
                                                        {"-5", "8", "3"},
                                                        {"0", "7", "7"},
                                                        {"7", "0", "7"},
                                                        {"1e20", "1", "100000000000000000001"},
                                                        {"-0.5", "-0.5", "-1"},
                                                        {"0.001", "1000", "1000.001"},
                                                        {"100", "-99.99", "0.01"}};
  for (const auto& [a, b, sum] : sums) {
    EXPECT_EQ(number(a).plus(number(b))->to_string(), sum) << a << " + " << b;
    EXPECT_EQ(number(sum).minus(number(b))->to_string(), number(a).to_string())
        << sum << " - " << b;
  }
  EXPECT_FALSE(number("1e60").plus(number("1")).ok());
  EXPECT_FALSE(number("9e125").plus(number("9e125")).ok());
}

const std::vector<std::string> kAscending = {
    "-9.9e125", "-1000", "-999.5",  "-999",  "-12",    "-11.9", "-11", "-1",
    "-0.5",     "-0.25", "-1e-130", "0",     "1e-130", "0.25",  "0.5", "1",
    "1.01",     "1.1",   "10",      "10.01", "11.999", "12",    "999", "1e125"};

TEST(Decimal, OrdersByValue) {
  for (std::size_t i = 0; i < kAscending.size(); ++i) {
    for (std::size_t j = 0; j < kAscending.size(); ++j) {
      EXPECT_EQ(number(kAscending[i]) <=> number(kAscending[j]), i <=> j)
          << kAscending[i] << " ? " << kAscending[j];
    }
  }
}

TEST(Decimal, OrderedFormKeepsTheOrderAndReadsBack) {
  std::string before;
  for (const auto& text : kAscending) {
    std::string form;
    number(text).append_ordered(form);
    EXPECT_LT(before, form) << text;
    before = form;
    form += "rest";
    std::string_view in = form;
    const auto back = Decimal::take_ordered(in);
    ASSERT_TRUE(back.ok()) << text;
    EXPECT_EQ(*back, number(text));
    EXPECT_EQ(in, "rest");
  }
}

TEST(Decimal, DamagedOrderedFormIsNamed) {
  for (const std::string& form : {std::string(), std::string("\x07"), std::string("\x03\x03", 2),
                                  std::string("\x03\x03\xe9\x7f", 4)}) {
    std::string_view in = form;
    const auto back = Decimal::take_ordered(in);
    ASSERT_FALSE(back.ok());
    EXPECT_EQ(back.error().code, code::kCorrupt);
  }
}

TEST(Decimal, SizeFollowsTheDocumentation) {
  EXPECT_EQ(number("0").size_bytes(), 1U);
  EXPECT_EQ(number("7").size_bytes(), 2U);
  EXPECT_EQ(number("1234").size_bytes(), 3U);
  EXPECT_EQ(number("-12345").size_bytes(), 5U);
}

TEST(Decimal, ConvertsToIntegers) {
  EXPECT_EQ(number("1700000000").to_integer(), 1700000000);
  EXPECT_EQ(number("-12.9").to_integer(), -12);
  EXPECT_EQ(number("0.9").to_integer(), 0);
  EXPECT_EQ(number("1e100").to_integer(), std::numeric_limits<long long>::max());
}

}  // namespace
}  // namespace tarn::dynamodb
