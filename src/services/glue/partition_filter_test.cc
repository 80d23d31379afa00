#include "services/glue/partition_filter.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tarn::glue {
namespace {

std::vector<Column> keys() {
  Column year;
  year.name = "year";
  year.type = "int";
  Column city;
  city.name = "City";
  city.type = "string";
  return {year, city};
}

TEST(PartitionFilter, ChoosesPartitions) {
  const std::vector<std::pair<std::string, bool>> cases = {
      {"year = 2024", true},
      {"year = '2024'", true},
      {"year=2024 AND city='oslo'", true},
      {"YEAR <> 2024", false},
      {"year != 2023", true},
      {"year > 999", true},
      {"year < 999", false},
      {"year >= 2024 and year <= 2024", true},
      {"year = 2023 OR city = 'oslo'", true},
      {"year = 2023 or city = 'bergen'", false},
      {"NOT year = 2023", true},
      {"not (year = 2024 and city = 'oslo')", false},
      {"`city` = \"oslo\"", true},
      {"year IN (1, 2, 2024)", true},
      {"year NOT IN (2024)", false},
      {"city in ('a', 'b')", false},
      {"year BETWEEN 2000 AND 2024", true},
      {"year not between 2000 and 2024", false},
      {"city LIKE 'o%'", true},
      {"city like '%sl%'", true},
      {"city like 'os_o'", true},
      {"city like 'o'", false},
      {"city IS NULL", false},
      {"city IS NOT NULL", true},
      {"city > 'o' AND city < 'p'", true},
      {"year = 2023 OR year = 2024 AND city = 'x'", false},
      {"city = 'it''s'", false},
      {"year = 'abc'", false}};
  for (const auto& [expression, expected] : cases) {
    const auto filter = PartitionFilter::parse(expression, keys());
    ASSERT_TRUE(filter.ok()) << expression << ": " << filter.error().message;
    EXPECT_EQ(filter->matches({"2024", "oslo"}), expected) << expression;
  }
  const auto null = PartitionFilter::parse("city is null", keys());
  EXPECT_TRUE(null->matches({"2024", "__HIVE_DEFAULT_PARTITION__"}));
}

TEST(PartitionFilter, SaysWhatDoesNotFit) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"year", "Expression: the end at 4 is not expected there."},
      {"year = ", "Expression: the end at 7 is not expected there."},
      {"year = city", "Expression: \"city\" at 7 is not expected there."},
      {"month = 1", "Expression: month is no partition key of the table."},
      {"year = 1 year = 2", "Expression: \"year\" at 9 is not expected there."},
      {"(year = 1", "Expression: the end at 9 is not expected there."},
      {"city = 'x", "Expression: the text that begins at 7 does not end."},
      {"year ! 1", "Expression: \"!\" at 5 is not expected there."},
      {std::string(500, '('), "Expression is nested too deep."}};
  for (const auto& [expression, message] : cases) {
    const auto filter = PartitionFilter::parse(expression, keys());
    ASSERT_FALSE(filter.ok()) << expression;
    EXPECT_EQ(filter.error().code, "InvalidInputException");
    EXPECT_EQ(filter.error().message, message) << expression;
  }
}

}  // namespace
}  // namespace tarn::glue
