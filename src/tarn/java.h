// Java: which one Spark's drivers run on.
//
// Place: tarn. Threads: pure functions over the file system.
#pragma once

#include <string>

#include "platform/files.h"

namespace tarn::app {

// The home of a Java 17 or newer: `preferred` (TARN_JAVA_HOME, JAVA_HOME) where it is one, else
// what Debian's packages install; empty where there is none.
[[nodiscard]] std::string find_java(platform::Files& files, const std::string& preferred);

}  // namespace tarn::app
