// The version of the program; CMakeLists.txt has it.
#pragma once

namespace tarn::app {

inline constexpr const char* kVersion = TARN_VERSION;

}  // namespace tarn::app
