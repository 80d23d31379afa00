// InProcess: actions of services, called by other services: with the caller's identity, validated
// and authorized as by the wire, but without it.
//
// Place: gateway; src/tarn makes one for the services that act on behalf of people (stacks).
// Threads: add() before the first call; then the control strand.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "services/iam/authorizer.h"
#include "wire/validate.h"

namespace tarn::gateway {

class AuditLog;

class InProcess {
 public:
  explicit InProcess(const iam::Authorizer& authorizer) : authorizer_(authorizer) {}

  // `service` must live on.
  void add(Service& service);

  // Before the first call; must live on.
  void audit_to(AuditLog& log) { audit_log_ = &log; }

  // `action` as policies name it: "kinesis:CreateStream"; input and output as the JSON protocol has
  // them, whatever the service's own is; numbers and truths may be texts, as templates have them.
  // Not for actions that stream. Errors: NotImplemented; ValidationException,
  // SerializationException of the input; AccessDenied; the action's own.
  [[nodiscard]] Task<Result<nlohmann::json>> call(std::string action, Caller caller,
                                                  nlohmann::json input) const;

 private:
  struct Target {
    Service* service;
    const Action* action;
  };

  // Sets `resource` to what is asked for.
  [[nodiscard]] Task<Result<nlohmann::json>> run(Target target, Caller caller, nlohmann::json input,
                                                 std::string& resource) const;
  void tell_audit_log(const Target& target, const Caller& caller, std::string resource,
                      const Error* error) const;

  const iam::Authorizer& authorizer_;
  AuditLog* audit_log_ = nullptr;
  wire::Validator validator_;
  std::map<std::string, Target, std::less<>> actions_;
};

}  // namespace tarn::gateway
