// Request: what the requests of CloudWatch Logs have in common.
//
// Place: services/logs, between the wire's inputs and groups, streams and events. Threads: for one
// request; what is said to wait for the disk does.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/logs/api.h"
#include "services/logs/service.h"

namespace tarn::logs {

// What the ARN of a group, of a stream within it, or a pattern of streams (":*") names.
struct GroupPlace {
  std::string account;
  std::string region;
  std::string name;
  bool is_group_alone = false;  // nothing follows its name
};
// Nothing where it is no such ARN.
[[nodiscard]] std::optional<GroupPlace> parse_group_arn(std::string_view arn);

// The group of that name. Error: ResourceNotFoundException.
[[nodiscard]] Result<std::shared_ptr<Group>> find_group(const LogsService& logs,
                                                        const Caller& caller,
                                                        std::string_view name);
// The same by name or ARN, of which exactly one must be there. Errors: InvalidParameterException,
// ResourceNotFoundException (also for an ARN of another account or Region).
[[nodiscard]] Result<std::shared_ptr<Group>> find_group(
    const LogsService& logs, const Caller& caller, const std::optional<std::string>& name,
    const std::optional<std::string>& identifier);
// The same by the ARN of a group alone.
[[nodiscard]] Result<std::shared_ptr<Group>> find_tagged(const LogsService& logs,
                                                         const Caller& caller,
                                                         const std::string& arn);

// Error: NotImplemented by the parameter's name, where `given`.
[[nodiscard]] Status refuse(bool given, std::string_view parameter);
[[nodiscard]] Error invalid_parameter(std::string_view why);

// Adds tags. Errors: `too_many` (a code: more than 50), InvalidParameterException ("aws:",
// lengths).
[[nodiscard]] Status add_tags(const Caller& caller, const std::map<std::string, std::string>& added,
                              std::map<std::string, std::string>& tags, std::string_view too_many);

// Error: InvalidParameterException ("aws:").
[[nodiscard]] Status remove_tags(const Caller& caller, const std::vector<std::string>& keys,
                                 std::map<std::string, std::string>& tags);

// The token of a page that goes on after `place`, and back. Error: InvalidParameterException.
[[nodiscard]] std::string to_token(std::string_view place);
[[nodiscard]] Result<std::string> from_token(const std::optional<std::string>& token);

}  // namespace tarn::logs
