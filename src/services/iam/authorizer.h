// The authorizer: may this caller do this action on this resource?
//
// Place: services/iam; the gateway's authorize step asks it for every action. Today's principals
// are the account's root and its sessions, which may do everything in their account, and anonymous
// callers, which may do what the service's own rules allow; users, roles and policies come with
// IAM. Threads: safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/service.h"
#include "wire/schema.h"

namespace tarn::iam {

// The ARN that `operation`'s resource template names for this input:
// "{StreamARN}|arn:{partition}:kinesis:…" takes the first alternative all of whose members are
// present; "*" where none is.
[[nodiscard]] std::string resource_of(const wire::Operation& operation, const Caller& caller,
                                      const void* input);

class Authorizer {
 public:
  // Error: AccessDenied (403), worded as AWS words it; the gateway renames it to the service's own
  // code.
  [[nodiscard]] Status authorize(const Caller& caller, const wire::Operation& operation,
                                 const std::string& resource) const;
};

}  // namespace tarn::iam
