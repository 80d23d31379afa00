#include "tarn/java.h"

#include <charconv>
#include <string_view>
#include <vector>

namespace tarn::app {

namespace {

constexpr int kOldest = 17;  // Spark 4 runs on Java 17 and 21
constexpr const char* kSystemHomes = "/usr/lib/jvm";

// The file `release` of a Java home has the line JAVA_VERSION="17.0.15".
int major_version(platform::Files& files, const std::string& home) {
  constexpr std::string_view kName = "JAVA_VERSION=\"";
  const auto release = files.read(home + "/release");
  if (!release.ok() || !files.exists(home + "/bin/java")) return 0;
  const std::size_t at = release->find(kName);
  if (at == std::string::npos) return 0;
  int major = 0;
  const char* begin = release->data() + at + kName.size();
  std::from_chars(begin, release->data() + release->size(), major);
  return major;
}

}  // namespace

std::string find_java(platform::Files& files, const std::string& preferred) {
  if (!preferred.empty() && major_version(files, preferred) >= kOldest) return preferred;
  const auto homes = files.list(kSystemHomes);
  if (!homes.ok()) return {};
  for (const auto& entry : *homes) {
    const std::string home = std::string(kSystemHomes) + "/" + entry.name;
    if (entry.is_directory && major_version(files, home) >= kOldest) return home;
  }
  return {};
}

}  // namespace tarn::app
