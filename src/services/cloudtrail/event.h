// Event: a call as CloudTrail tells of it.
//
// Place: services/cloudtrail. Threads: pure functions.
// Members:
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "gateway/audit_log.h"
#include "platform/clock.h"

namespace tarn::cloudtrail {

// The event of a call at `time`; `id` is a UUID. What a call was given and what it answered are not
// told: they may hold secrets.
[[nodiscard]] nlohmann::json event_of(const gateway::AuditedCall& call, Timestamp time,
                                      const std::string& id);

// Who called: an IAM user's name, a session's name, "root".
[[nodiscard]] std::string username_of(const nlohmann::json& event);
// Whether an event has that value of an attribute of LookupEvents; a resource by its ARN or a name
// in it.
[[nodiscard]] bool has_attribute(const nlohmann::json& event, std::string_view key,
                                 std::string_view value);
// Whether the action of that name only reads, by the verb that it begins with.
[[nodiscard]] bool is_read_only(std::string_view event_name);

}  // namespace tarn::cloudtrail
