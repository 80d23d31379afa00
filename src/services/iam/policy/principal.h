// Principals: who a resource's policy speaks of, and who asks.
//
// Place: services/iam/policy. Sources:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
// Threads: immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn::iam::policy {

// Who asks. The texts belong to the caller.
struct Principal {
  enum class Kind : unsigned char {
    kAnonymous,
    kRoot,  // the account itself
    kUser,
    kRoleSession,
    kFederatedUser,
    kService
  };
  Kind kind = Kind::kAnonymous;
  std::string_view account;  // 12 digits
  std::string_view arn;  // of a session: arn:aws:sts::…:assumed-role/ROLE/SESSION; of a service:
                         // its name, such as lambda.amazonaws.com
  std::string_view user_id;   // AIDA…, AROA…:SESSION
  std::string_view role_arn;  // of a role's session: arn:aws:iam::…:role/PATH/ROLE
};

// The principal element of a statement.
class Principals {
 public:
  // How closely the element names a principal; the later, the closer.
  enum class Closeness : unsigned char {
    kNone,
    kAccount,   // its account, which leaves the decision to the account's own policies
    kEveryone,  // "*"
    kRole,      // the role whose session it is
    kSelf       // the user, the session or the service itself
  };

  // Errors: MalformedPolicyDocument ("Invalid principal in policy: …").
  Status add_everyone();
  // `type` is AWS, Service, Federated or CanonicalUser.
  Status add(std::string_view type, std::string_view value);

  [[nodiscard]] Closeness match(const Principal& principal) const;
  // Whether NotPrincipal leaves the principal out of its statement: it does where it names all that
  // the principal is, its account, its role and itself.
  [[nodiscard]] bool excepts(const Principal& principal) const;
  [[nodiscard]] bool names_everyone() const { return everyone_; }

 private:
  Status add_aws(std::string_view value);
  [[nodiscard]] bool names(std::string_view text) const;
  [[nodiscard]] bool names_account(std::string_view account) const;

  bool everyone_ = false;
  std::vector<std::string> accounts_;
  std::vector<std::string> names_;  // ARNs, unique ids and names of services
};

}  // namespace tarn::iam::policy
