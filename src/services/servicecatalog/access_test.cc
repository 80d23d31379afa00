// Who is named by a portfolio's principal, and how far from a caller something is.
#include "services/servicecatalog/access.h"

#include <gtest/gtest.h>

#include "services/iam/session.h"

namespace tarn::servicecatalog {
namespace {

constexpr const char* kRole = "arn:aws:iam::123456789012:role/data/emr-people";

PrincipalRecord named(std::string arn, std::string type) {
  PrincipalRecord out;
  out.arn = std::move(arn);
  out.type = std::move(type);
  return out;
}

bool names_role(std::string arn, std::string type = "IAM_PATTERN") {
  return is_among(named(std::move(arn), std::move(type)), {kRole});
}

Caller session_of(const std::string& name) {
  Caller out;
  out.kind = Caller::Kind::kAssumedRole;
  out.arn = "arn:aws:sts::123456789012:assumed-role/emr-people/" + name;
  iam::Session terms;
  terms.role_arn = kRole;
  out.session = std::make_shared<const iam::Session>(std::move(terms));
  return out;
}

TEST(Access, APrincipalIsNamedByItsArn) {
  EXPECT_TRUE(names_role(kRole, "IAM"));
  EXPECT_FALSE(names_role("arn:aws:iam::123456789012:role/data/emr-peopl", "IAM"));
  EXPECT_FALSE(names_role("arn:aws:iam::123456789012:role/data/*", "IAM"));
}

TEST(Access, APatternHasNoAccount) {
  EXPECT_TRUE(names_role("arn:aws:iam:::role/data/emr-people"));
  EXPECT_TRUE(names_role("arn:aws:iam:::role/*emr-*"));
  EXPECT_TRUE(names_role("arn:aws:iam:::role/data/emr-peopl?"));
  EXPECT_FALSE(names_role("arn:aws:iam:::role/emr-*"));
  EXPECT_FALSE(names_role("arn:aws:iam:::user/*"));
  EXPECT_FALSE(names_role("arn:aws:iam::123456789012:role/data/emr-people"));
}

TEST(Access, OnesOwnIsNearerThanOnesRolesAndThatThanTheAccounts) {
  const Maker anna = maker_of(session_of("anna"));
  EXPECT_EQ(anna.user_arn, kRole);
  EXPECT_EQ(level_of(anna, session_of("anna")), Level::kUser);
  EXPECT_EQ(level_of(anna, session_of("bert")), Level::kRole);
  Caller user;
  user.kind = Caller::Kind::kUser;
  user.arn = "arn:aws:iam::123456789012:user/carl";
  EXPECT_EQ(level_of(anna, user), Level::kAccount);
  EXPECT_EQ(level_of(maker_of(user), user), Level::kUser);
}

TEST(Access, ALevelHoldsForWhatIsNoFartherAway) {
  const AccessLevels levels;
  const std::string role = "arn:aws:servicecatalog:us-west-2:123456789012:stack/role/*";
  const std::string account = "arn:aws:servicecatalog:us-west-2:123456789012:stack/account/*";
  const auto holds = [&](const char* key, const std::string& resource) {
    return levels.values(key, resource) == iam::policy::Values{"self"};
  };
  EXPECT_TRUE(holds("servicecatalog:userlevel", "*"));
  EXPECT_FALSE(holds("servicecatalog:userlevel", role));
  EXPECT_TRUE(holds("servicecatalog:rolelevel", role));
  EXPECT_FALSE(holds("servicecatalog:rolelevel", account));
  EXPECT_TRUE(holds("servicecatalog:accountlevel", account));
  EXPECT_FALSE(holds("aws:userid", "*"));
}

}  // namespace
}  // namespace tarn::servicecatalog
