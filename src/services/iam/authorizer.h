// The authorizer: may this caller do this action on this resource?
//
// Place: services/iam; the gateway's authorize step asks it for every action, rooms ask it for what
// an action does besides. It brings together what there is of policies: the account's root may do
// everything in its account; session policies take from that; a resource's own policy gives or
// denies, to anonymous callers too; a role's policies give to its sessions, a user's and its
// groups' to the user. Threads: safe from any thread once the rooms are added.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/service.h"
#include "platform/clock.h"
#include "services/iam/policy/context.h"
#include "services/iam/policy/evaluate.h"
#include "services/iam/resource.h"
#include "services/iam/resource_policies.h"
#include "services/iam/roles.h"
#include "services/iam/users.h"
#include "wire/http.h"
#include "wire/schema.h"

namespace tarn::iam {

class Denials;
class RequestContext;

// One API call, as it is to be authorized.
struct Call {
  const Caller& caller;
  const wire::Operation& operation;
  const void* input = nullptr;             // of the operation's input shape
  const wire::Headers* headers = nullptr;  // nullptr: a call in process
};

// Why a call may go on.
enum class Ground : unsigned char {
  kPolicy,    // the caller is who may, or a policy allows it
  kOwnRules,  // nothing decided it: an anonymous call that the service's own rules may allow
};

// Condition keys, in lower case, that a handler knows of what it asks about.
using ConditionValues = std::map<std::string, policy::Values, std::less<>>;

// What a call may do.
struct Grant {
  Ground ground = Ground::kPolicy;
  std::vector<RefusedItem> refused_items;  // by their index
};

class Authorizer {
 public:
  explicit Authorizer(platform::Clock& clock) : clock_(clock) {}

  // Before the first request. `service` as in ARNs and actions: "s3". `policies` must live on.
  void add(std::string service, const ResourcePolicies& policies);

  // From now on what policies deny to who signed goes on all the same, and `denials` is told.
  // Before the first request; must live on.
  void only_audit(Denials& denials) { denials_ = &denials; }

  // Whose policies users and sessions of roles have; without, they may do nothing. Must live on.
  void use(const Roles& roles) { roles_ = &roles; }
  void use(const Users& users) { users_ = &users; }

  // Every permission that the operation's overlay declares, on every resource it names; of one with
  // `items`, what is refused is told and the rest goes on. Error: AccessDenied (403), worded as AWS
  // words it: who, what, on which resource and why; the gateway renames it to the service's own
  // code.
  [[nodiscard]] Result<Grant> authorize(const Call& call) const;

  // One permission, for what a handler finds to be needed besides. Error: as above.
  [[nodiscard]] Status check(const Caller& caller, std::string_view action,
                             std::string_view resource,
                             const ConditionValues* given = nullptr) const;
  // Whether the caller may give `role_arn` to a service of AWS ("ec2.amazonaws.com"): iam:PassRole.
  // Error: as above.
  [[nodiscard]] Status check_pass_role(const Caller& caller, std::string_view role_arn,
                                       std::string_view service) const;

 private:
  // What its own policies give to a caller, and what its permissions boundary leaves of it.
  struct Identity {
    bool unrestricted = false;
    std::vector<std::shared_ptr<const policy::Document>> policies;
    std::shared_ptr<const policy::Document> boundary;
  };
  [[nodiscard]] Identity identity_of(const Caller& caller) const;
  [[nodiscard]] const ResourcePolicies* find(std::string_view service) const;
  // `asked` becomes true where the permission was needed on any resource.
  [[nodiscard]] Result<Ground> check_permission(const Call& call,
                                                const wire::Permission& permission,
                                                bool& asked) const;
  // Adds to `refused` the elements that the caller may not touch.
  void check_items(const Call& call, const wire::Permission& permission,
                   std::vector<RefusedItem>& refused) const;
  // `own_rules`: an anonymous caller whom no policy denies may go on.
  [[nodiscard]] Result<Ground> decide(const RequestContext& context, const Caller& caller,
                                      std::string_view action, std::string_view resource,
                                      const ResourcePolicies* policies, bool own_rules) const;

  platform::Clock& clock_;
  std::map<std::string, const ResourcePolicies*, std::less<>> policies_;
  const Roles* roles_ = nullptr;
  const Users* users_ = nullptr;
  Denials* denials_ = nullptr;
};

}  // namespace tarn::iam
