// Keys for one table's objects: the policy under which they are given.
#include "services/iceberg/storage_credentials.h"

#include <gtest/gtest.h>

#include "services/iceberg/json.h"

namespace tarn::iceberg {
namespace {

TEST(StorageCredentials, AllowTheFolderAndNothingBesideIt) {
  Grant grant;
  grant.locations = {"s3://bucket/a/t/", "s3a://other/x"};
  const Json policy = Json::parse(policy_of(grant).value());
  EXPECT_EQ(policy["Statement"][0]["Action"], Json::parse(R"(["s3:GetObject"])"));
  EXPECT_EQ(policy["Statement"][0]["Resource"],
            Json::parse(R"(["arn:aws:s3:::bucket/a/t/*","arn:aws:s3:::other/x/*"])"));
  EXPECT_EQ(policy["Statement"][1]["Condition"]["StringLike"]["s3:prefix"],
            Json::parse(R"(["a/t/*"])"));
}

TEST(StorageCredentials, TakeWildcardsInAPathForThemselves) {
  Grant grant;
  grant.locations = {"s3://bucket/a*b?${x}"};
  const Json policy = Json::parse(policy_of(grant).value());
  EXPECT_EQ(policy["Statement"][0]["Resource"][0], "arn:aws:s3:::bucket/a${*}b${?}${$}{x}/*");
  grant.locations = {"file:///etc"};
  EXPECT_FALSE(policy_of(grant).ok());
}

}  // namespace
}  // namespace tarn::iceberg
