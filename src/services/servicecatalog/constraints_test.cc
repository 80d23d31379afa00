// What constraints may say.
#include "services/servicecatalog/constraints.h"

#include <gtest/gtest.h>

namespace tarn::servicecatalog {
namespace {

std::string refusal(std::string_view type, std::string_view parameters) {
  const Status checked = check_constraint(type, parameters);
  return checked.ok() ? "" : checked.error().code;
}

TEST(Constraints, ALaunchConstraintHasOneRole) {
  EXPECT_EQ(refusal("LAUNCH", R"({"RoleArn": "arn:aws:iam::123456789012:role/x"})"), "");
  EXPECT_EQ(refusal("LAUNCH", R"({"LocalRoleName": "x"})"), "");
  EXPECT_EQ(refusal("LAUNCH", R"({"LocalRoleName": "x", "RoleArn": "arn:aws:iam::1:role/x"})"),
            "InvalidParametersException");
  EXPECT_EQ(refusal("LAUNCH", R"({"RoleArn": "x"})"), "InvalidParametersException");
  EXPECT_EQ(refusal("LAUNCH", R"({"LocalRoleName": "path/x"})"), "InvalidParametersException");
  EXPECT_EQ(refusal("LAUNCH", "no JSON"), "InvalidParametersException");
}

TEST(Constraints, ALocalRoleIsTheAccountsOwn) {
  Caller caller;
  caller.account_id = "123456789012";
  EXPECT_EQ(launch_role_of(caller, R"({"LocalRoleName": "x"})"),
            "arn:aws:iam::123456789012:role/x");
}

TEST(Constraints, RulesMustBeRules) {
  EXPECT_EQ(refusal("TEMPLATE", R"({"Rules": {"A": {"Assertions": [
                                {"Assert": {"Fn::Equals": ["a", "a"]}}]}}})"),
            "");
  EXPECT_EQ(refusal("TEMPLATE", R"({"Rules": {"A": {"Assertion": []}}})"),
            "InvalidParametersException");
  EXPECT_EQ(refusal("TEMPLATE", R"({"Rule": {}})"), "InvalidParametersException");
}

TEST(Constraints, NotificationsGoToTopics) {
  EXPECT_EQ(refusal("NOTIFICATION", R"({"NotificationArns": ["arn:aws:sns:us-west-2:1:t"]})"), "");
  EXPECT_EQ(refusal("NOTIFICATION", R"({"NotificationArns": []})"), "InvalidParametersException");
  EXPECT_EQ(refusal("NOTIFICATION", R"({"NotificationArns": ["t"]})"),
            "InvalidParametersException");
}

TEST(Constraints, WhatIsNotHereIsNamed) {
  EXPECT_EQ(refusal("STACKSET", "{}"), "NotImplemented");
  EXPECT_EQ(refusal("RESOURCE_UPDATE", "{}"), "NotImplemented");
  EXPECT_EQ(refusal("OTHER", "{}"), "InvalidParametersException");
}

}  // namespace
}  // namespace tarn::servicecatalog
