#include "services/cloudformation/dynamic_references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::cloudformation {
namespace {

using testing::ElementsAre;

TEST(DynamicReferencesTest, AReferenceIsSplitAtItsColons) {
  EXPECT_THAT(parts_of_reference("ssm:/teams/ads/key:3"),
              ElementsAre("ssm", "/teams/ads/key", "3"));
  EXPECT_THAT(parts_of_reference("secretsmanager:db:SecretString:password"),
              ElementsAre("secretsmanager", "db", "SecretString", "password"));
  EXPECT_THAT(parts_of_reference("secretsmanager:db:SecretString::AWSPREVIOUS"),
              ElementsAre("secretsmanager", "db", "SecretString", "", "AWSPREVIOUS"));
}

TEST(DynamicReferencesTest, AnArnIsOnePart) {
  const std::string arn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:db-AbCdEf";
  EXPECT_THAT(parts_of_reference("secretsmanager:" + arn), ElementsAre("secretsmanager", arn));
  EXPECT_THAT(parts_of_reference("secretsmanager:" + arn + ":SecretString:user"),
              ElementsAre("secretsmanager", arn, "SecretString", "user"));
}

}  // namespace
}  // namespace tarn::cloudformation
