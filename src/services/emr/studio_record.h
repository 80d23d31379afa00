// Records of Studios and persistent application UIs in the store; docs/formats/emr.md.
//
// Place: services/emr. Threads: pure functions. Decoding fails with kCorrupt and the record's name.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "services/emr/persistent_uis.h"
#include "services/emr/studios.h"

namespace tarn::emr {

inline constexpr std::string_view kStudioPrefix = "t";
inline constexpr std::string_view kUiPrefix = "u";

[[nodiscard]] std::string studio_key(std::string_view id);
[[nodiscard]] std::string ui_key(std::string_view id);

[[nodiscard]] std::string encode(const StudioRecord& studio);
[[nodiscard]] Result<StudioRecord> decode_studio(std::string_view record);
[[nodiscard]] std::string encode(const PersistentUiRecord& ui);
[[nodiscard]] Result<PersistentUiRecord> decode_ui(std::string_view record);

}  // namespace tarn::emr
