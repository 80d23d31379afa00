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

// Applications that a cluster may be asked for; of these only Spark runs on it.
[[nodiscard]] std::span<const std::string_view> known_applications();

}  // namespace tarn::emr
