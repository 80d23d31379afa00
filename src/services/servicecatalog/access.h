// Access: who may use which portfolio, and whose provisioned products a call may see.
//
// Place: services/servicecatalog. Sources:
// https://docs.aws.amazon.com/servicecatalog/latest/adminguide/catalogs_portfolios_users.html and,
// of the condition keys servicecatalog:userLevel, roleLevel and accountLevel,
// https://docs.aws.amazon.com/servicecatalog/latest/adminguide/permissions-examples.html Threads:
// the control strand; AccessLevels any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/service.h"
#include "services/iam/authorizer.h"
#include "services/iam/credentials.h"
#include "services/iam/resource_policies.h"
#include "services/iam/roles.h"
#include "services/iam/users.h"
#include "services/servicecatalog/catalog.h"

namespace tarn::servicecatalog {

// Of the account. All of it must live on.
struct Identities {
  iam::Credentials& credentials;
  const iam::Roles& roles;
  const iam::Users& users;
  const iam::Authorizer& authorizer;
};

// The caller, as records keep him.
[[nodiscard]] Maker maker_of(const Caller& caller);

// ARNs of the caller as portfolios may name him: the user and his groups, the role of a session, or
// the account's root.
[[nodiscard]] std::vector<std::string> names_of(const Caller& caller, const iam::Users& users);
// Whether a portfolio's principal is one of `names`. A pattern has neither an account nor, but for
// "*" and "?", other letters than the ARN: "arn:aws:iam:::role/emr-*".
[[nodiscard]] bool is_among(const PrincipalRecord& principal,
                            const std::vector<std::string>& names);

// The ways by which the caller can launch the product; of every product where the id is empty.
[[nodiscard]] Entries<PathRecord> paths_of(const Catalog& catalog, const Caller& caller,
                                           const iam::Users& users, std::string_view product_id);

// A denial under the name that Service Catalog gives it; other errors as they are.
[[nodiscard]] Error as_told(Error error);
[[nodiscard]] Status as_told(Status status);

// How far from the caller what he asks for is.
enum class Level : std::uint8_t { kUser, kRole, kAccount };
[[nodiscard]] Level level_of(const Maker& maker, const Caller& caller);
// Whether policies allow the action on what is so far away. Error: AccessDenied.
[[nodiscard]] Status check_level(const iam::Authorizer& authorizer, const Caller& caller,
                                 std::string_view action, Level level);

// Values of the condition keys. What a request names ("*") may be anybody's: what a policy says of
// users is asked first, and then by check_level() of what is there.
class AccessLevels final : public iam::ResourcePolicies {
 public:
  [[nodiscard]] std::shared_ptr<const iam::policy::Document> find(
      std::string_view resource_arn) const override;
  [[nodiscard]] iam::policy::Values values(std::string_view key,
                                           std::string_view resource_arn) const override;
};

}  // namespace tarn::servicecatalog
