// What the handlers of EC2 share.
//
// Place: services/ec2. Threads: as service.h says.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "services/ec2/network.h"
#include "services/ec2/service.h"

namespace tarn::ec2 {

// A member that this program does not serve, and whether the call has it.
using Unserved = std::pair<std::string_view, bool>;

// Error: NotImplemented, which names the first that is there.
[[nodiscard]] Status refuse(std::initializer_list<Unserved> members);

// Error: DryRunOperation (412), the answer to a call that would have succeeded
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html).
[[nodiscard]] Status check_dry_run(const std::optional<bool>& dry_run);

// The tags of a resource that is made, of a type ("vpc"). Errors: InvalidParameterValue (another
// type), those of check_tags().
[[nodiscard]] Result<std::optional<std::vector<Tag>>> tags_of(
    const Caller& caller, const std::optional<std::vector<TagSpecification>>& specifications,
    std::string_view type);
// Of a request. Errors: TagLimitExceeded, InvalidParameterValue (one key twice, "aws:").
[[nodiscard]] Status check_tags(const Caller& caller, const std::vector<Tag>& tags);
// Whether the caller may set or remove a tag. Error: InvalidParameterValue ("aws:").
[[nodiscard]] Status check_tag_key(const Caller& caller, const std::string& key);
// Of a resource. Error: TagLimitExceeded.
[[nodiscard]] Status check_tag_count(const std::vector<Tag>& tags);

// "vpc-0123456789abcdef0".
[[nodiscard]] std::string new_id(Ec2& ec2, std::string_view prefix);

// Changes the caller's region, all or nothing; a region that is asked for the first time has its
// default VPC then. Errors: those of `change`, kIo, kDiskFull.
[[nodiscard]] Task<Status> change(Ec2& ec2, const Caller& caller, const Network::Change& change);
// The same before a region is read.
[[nodiscard]] Task<Status> begin(Ec2& ec2, const Caller& caller);

[[nodiscard]] Error dependency(std::string_view message);

// A member that must be there. Error: MissingParameter.
[[nodiscard]] Result<std::string> required(const std::optional<std::string>& value,
                                           std::string_view name);

// arn:aws:ec2:REGION:ACCOUNT:TYPE/ID
[[nodiscard]] std::string arn_of(const Caller& caller, std::string_view type, std::string_view id);

}  // namespace tarn::ec2
