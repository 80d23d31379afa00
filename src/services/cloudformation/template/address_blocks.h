// Blocks of IP addresses, divided: what Fn::Cidr does.
//
// Place: services/cloudformation/template. Threads: pure functions.
// Source:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn::cloudformation {

// The first `count` (1 to 256) blocks of `block` ("10.0.0.0/16", or of IPv6) that leave `bits` bits
// for hosts; an empty `bits` is 8, or 64 of IPv6. Error: ValidationError (400) where a number is
// none, or the block has not so many.
[[nodiscard]] Result<std::vector<std::string>> divide_block(std::string_view block,
                                                            std::string_view count,
                                                            std::string_view bits);

}  // namespace tarn::cloudformation
