// ResourcePolicies: the policies that a service keeps on its own resources (a bucket's, a stream's, a key's).
//
// Place: services/iam; a service that has such policies implements it, the authorizer asks it for every action on a resource
// of that service. Threads: safe from any thread; find() takes no disk, as it runs on every request.
#pragma once

#include <memory>
#include <string_view>

namespace tarn::iam {

namespace policy {
class Document;
}

class ResourcePolicies {
 public:
  virtual ~ResourcePolicies() = default;

  // The policy that an action on `resource_arn` falls under (an object's is its bucket's); nullptr where there is none.
  [[nodiscard]] virtual std::shared_ptr<const policy::Document> find(
      std::string_view resource_arn) const = 0;
};

}  // namespace tarn::iam
