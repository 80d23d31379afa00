// RequestContext: the condition keys of one API call.
//
// Place: services/iam, for the authorizer. Global keys come from the caller and the request; keys
// of a service from the input's members that its overlay declares ("condition_keys"); keys of a
// resource from the service that keeps it (ResourcePolicies::values). Source of the global keys:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
// Threads: belongs to one request.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "gateway/service.h"
#include "platform/clock.h"
#include "services/iam/policy/context.h"
#include "services/iam/policy/principal.h"
#include "services/iam/resource_policies.h"
#include "wire/http.h"
#include "wire/schema.h"

namespace tarn::iam {

// `caller` as policies name it. The texts belong to the caller.
[[nodiscard]] policy::Principal principal_of(const Caller& caller);

class RequestContext final : public policy::Context {
 public:
  // Condition keys (in lower case) that whoever asks knows besides.
  using Given = std::map<std::string, policy::Values, std::less<>>;

  // What a call is known by; what is null is not known.
  struct Source {
    const Caller& caller;
    Timestamp now;
    const wire::Operation* operation = nullptr;
    const void* input = nullptr;
    const wire::Headers* headers = nullptr;
    std::string_view passed_to = {};  // the service that a role is given to
    const Given* given = nullptr;
  };

  explicit RequestContext(const Source& source) : source_(source) {}

  // The resource that is asked about next; `policies` may be null. Both must live on.
  void set_resource(std::string_view arn, const ResourcePolicies* policies) {
    resource_ = arn;
    policies_ = policies;
  }

  [[nodiscard]] policy::Values find(std::string_view key) const override;

 private:
  [[nodiscard]] policy::Values of_principal(std::string_view key) const;
  [[nodiscard]] policy::Values of_request(std::string_view key) const;
  [[nodiscard]] policy::Values of_input(std::string_view key) const;

  Source source_;
  std::string_view resource_;
  const ResourcePolicies* policies_ = nullptr;
};

}  // namespace tarn::iam
