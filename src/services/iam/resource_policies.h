// ResourcePolicies: the policies that a service keeps on its own resources (a bucket's, a stream's,
// a key's).
//
// Place: services/iam; a service that has such policies implements it and is added to the
// authorizer, which asks it for every action on a resource of that service. Threads: safe from any
// thread; find() takes no disk, as it runs on every request.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "services/iam/policy/context.h"

namespace tarn::iam {

namespace policy {
class Document;
}

class ResourcePolicies {
 public:
  virtual ~ResourcePolicies() = default;

  // What policies call the resource that a call named `resource_arn`: an action on a KMS key by its
  // alias is one on the key.
  [[nodiscard]] virtual std::string canonical(std::string_view action,
                                              std::string resource_arn) const {
    static_cast<void>(action);
    return resource_arn;
  }

  // The policy that an action on `resource_arn` falls under (an object's is its bucket's); nullptr
  // where there is none.
  [[nodiscard]] virtual std::shared_ptr<const policy::Document> find(
      std::string_view resource_arn) const = 0;

  // Whether the policy must allow an action even of the resource's own account, as a KMS key's
  // must; elsewhere the caller's policies or the resource's may.
  [[nodiscard]] virtual bool decides() const { return false; }

  // The values of a condition key (lower case) that only the service knows of its resource, such as
  // "s3:existingobjecttag/team" or "aws:resourcetag/team"; asked only where a policy names it.
  [[nodiscard]] virtual policy::Values values(std::string_view key,
                                              std::string_view resource_arn) const {
    static_cast<void>(key);
    static_cast<void>(resource_arn);
    return {};
  }
};

}  // namespace tarn::iam
