// Denials: is told of what policies deny where denials are not enforced (`tarn up --iam audit`).
//
// Place: services/iam; the authorizer tells it, services/cloudtrail keeps what it is told. Threads:
// safe from any thread; it runs on the way of requests and does not wait.
#pragma once

#include <string>
#include <string_view>

#include "gateway/service.h"

namespace tarn::iam {

class Denials {
 public:
  virtual ~Denials() = default;
  // `message` as the caller would have read it.
  virtual void passed_over(const Caller& caller, std::string_view action, std::string_view resource,
                           const std::string& message) = 0;
};

}  // namespace tarn::iam
