// Releases: the EMR release labels that are taken, and what stands for each here.
//
// Place: services/emr. Threads: pure functions.
// Source: https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-release-components.html
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"

namespace tarn::emr {

// Newest first.
[[nodiscard]] std::span<const std::string_view> release_labels();

// Error: ValidationException (no such label, or one before emr-5.36.0).
[[nodiscard]] Status check_release(std::string_view label);

// Whether EMR has an application of that name, which a cluster may then be asked for.
[[nodiscard]] bool is_application(std::string_view name);
// What of it a cluster has here, for who asks for it; of most nothing runs.
[[nodiscard]] std::string_view application_here(std::string_view name);

}  // namespace tarn::emr
