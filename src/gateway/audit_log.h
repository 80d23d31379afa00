// AuditLog: is told of calls when they are done: who called what, on what, and how it ended.
//
// Place: gateway; the chain's last step and calls in process (in_process.h) tell it,
// services/cloudtrail keeps what it is told. Threads: safe from any thread; it does not wait.
#pragma once

#include <string>

#include "gateway/service.h"

namespace tarn::gateway {

struct AuditedCall {
  Caller caller;
  std::string event_source;  // "kinesis.amazonaws.com"
  std::string event_name;    // "CreateStream"
  std::string resource;      // the ARN that policies were asked about; "*" or empty: none
  std::string user_agent;
  std::string error_code;  // empty: success
  std::string error_message;
  bool is_management = true;  // of the control plane
  bool is_enforced = true;    // false: an error that kept nobody from anything
};

class AuditLog {
 public:
  virtual ~AuditLog() = default;
  virtual void record(AuditedCall call) = 0;
};

// What of the outcome of `operation` is told: calls of the control plane, and denials. Nothing of
// callers who did not sign.
[[nodiscard]] inline bool is_audited(const wire::Operation& operation, const Caller& caller,
                                     std::string_view error_code) {
  if (caller.kind == Caller::Kind::kAnonymous) return false;
  return operation.plane == wire::Plane::kControl || error_code.starts_with("AccessDenied");
}

}  // namespace tarn::gateway
