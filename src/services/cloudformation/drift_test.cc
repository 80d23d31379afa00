#include "services/cloudformation/drift.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tarn::cloudformation {
namespace {

// "KIND PATH EXPECTED ACTUAL", one after another.
std::string differences(const char* expected, const char* actual,
                        std::set<std::string> untold = {}) {
  PresentResource present;
  present.properties = Json::parse(actual);
  present.untold = std::move(untold);
  std::string out;
  for (const PropertyDrift& each : differences_of(Json::parse(expected), present))
    out += fmt::format("{} {} {} {}\n", each.kind, each.path, each.expected, each.actual);
  return out;
}

TEST(DriftTest, WhatATemplateWritesOtherwiseIsTheSame) {
  EXPECT_EQ(differences(R"({"Hours": "48", "On": "true", "Names": ["b", "a"]})",
                        R"({"Hours": 48, "On": true, "Names": ["a", "b"], "More": 1})"),
            "");
  EXPECT_EQ(differences(R"({"Rules": [{"Port": 1}]})", R"({"Rules": [{"Port": 1, "Note": ""}]})"),
            "");
}

TEST(DriftTest, ADifferenceIsToldByItsPlace) {
  EXPECT_EQ(differences(R"({"A": {"B": 1, "C": 2}, "D": 3})", R"({"A": {"B": 5, "C": 2}})"),
            "NOT_EQUAL /A/B 1 5\nREMOVE /D 3 null\n");
  EXPECT_EQ(differences(R"({"Tags": [{"Key": "a", "Value": "1"}]})",
                        R"({"Tags": [{"Key": "a", "Value": "2"}]})"),
            "REMOVE /Tags/0 {\"Key\":\"a\",\"Value\":\"1\"} null\n"
            "ADD /Tags/0 null {\"Key\":\"a\",\"Value\":\"2\"}\n");
}

TEST(DriftTest, WhatNobodyCanTellIsNotCompared) {
  EXPECT_EQ(differences(R"({"Secret": "x", "Ref": "{{resolve:ssm:/a}}"})", R"({"Ref": "one"})",
                        {"Secret"}),
            "");
}

}  // namespace
}  // namespace tarn::cloudformation
