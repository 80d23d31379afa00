// What filters let through.
#include "services/ec2/describe.h"

#include <array>

#include <gtest/gtest.h>

namespace tarn::ec2 {
namespace {

Filter filter(const std::string& name, std::vector<std::string> values) {
  Filter out;
  out.name = name;
  out.values = std::move(values);
  return out;
}

bool lets(const std::string& pattern, std::string_view text) {
  return lets_through(filter("x", {pattern}), text);
}

TEST(FilterTest, StarsAndQuestionMarksStandForWhatIsThere) {
  EXPECT_TRUE(lets("vpc-*", "vpc-1"));
  EXPECT_TRUE(lets("*", ""));
  EXPECT_TRUE(lets("a*b*c", "axxbyybzc"));
  EXPECT_TRUE(lets("a?c", "abc"));
  EXPECT_FALSE(lets("a?c", "ac"));
  EXPECT_FALSE(lets("a*b", "abc"));
  EXPECT_FALSE(lets("", "a"));
  EXPECT_TRUE(lets_through(filter("x", {"a", "b"}), "b"));
}

TEST(FilterTest, AFilterAsksForTheMembersOfItsPath) {
  constexpr std::array<FilterPath, 1> kPaths = {
      {{"association.subnet-id", "Associations[].SubnetId"}}};
  RouteTable table;
  table.associations.emplace();
  table.associations->emplace_back().subnet_id = "subnet-1";
  table.associations->emplace_back().subnet_id = "subnet-2";
  EXPECT_TRUE(passes(filter("association.subnet-id", {"subnet-2"}), table, kPaths));
  EXPECT_FALSE(passes(filter("association.subnet-id", {"subnet-3"}), table, kPaths));
  const Filters unknown = std::vector<Filter>{filter("colour", {"red"})};
  EXPECT_TRUE(check_filters(unknown, kPaths).error().is("InvalidParameterValue"));
}

TEST(FilterTest, TagsAreAskedForByNameAndByValue) {
  Vpc vpc;
  Tag tag;
  tag.key = "team";
  tag.value = "data";
  vpc.tags = {tag};
  EXPECT_TRUE(passes(filter("tag:team", {"da*"}), vpc, {}));
  EXPECT_FALSE(passes(filter("tag:team", {"web"}), vpc, {}));
  EXPECT_TRUE(passes(filter("tag-key", {"team"}), vpc, {}));
  EXPECT_FALSE(passes(filter("tag-key", {"owner"}), vpc, {}));
}

}  // namespace
}  // namespace tarn::ec2
