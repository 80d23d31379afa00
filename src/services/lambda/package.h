// Package: a function's code as a zip file.
//
// Place: services/lambda; the only place that knows libzip. Threads: pure but for Packages, whose
// calls block.
//
// Bounds: 50 MB zipped in a request, 250 MB unzipped
// (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/files.h"
#include "services/lambda/function.h"

namespace tarn::lambda {

inline constexpr std::uint64_t kMostZippedBytes = std::uint64_t{50} << 20;
inline constexpr std::uint64_t kMostUnzippedBytes = std::uint64_t{250} << 20;
inline constexpr std::size_t kMostPackageFiles = 20'000;  // ours: each is a file of the disk

// A zip of these files, by name. The same files always give the same zip.
[[nodiscard]] Result<std::string> zip_of(const std::map<std::string, std::string>& files);

// Where packages lie: `directory`/SHA256.zip. Threads: safe from any.
class Packages {
 public:
  Packages(platform::Files& files, std::string directory)
      : files_(files), directory_(std::move(directory)) {}

  // Checked, and durable when it returns; one that is there already is taken. Errors:
  // InvalidParameterValueException (no zip, too large, a name that leads out of it), kIo,
  // kDiskFull.
  [[nodiscard]] Result<Code> keep(std::string_view zip);
  // Puts its files into the folder `to`; gives the paths of all that it made, `to` first. Errors:
  // those of keep().
  [[nodiscard]] Result<std::vector<std::string>> unpack(const Code& code,
                                                        const std::string& to) const;
  // At the server's start: removes all that are not in `used` (their SHA256). Errors: kIo.
  [[nodiscard]] Status clean(const std::set<std::string>& used);

 private:
  [[nodiscard]] std::string zip_path(const Code& code) const {
    return directory_ + "/" + code.sha256 + ".zip";
  }

  platform::Files& files_;
  const std::string directory_;
};

}  // namespace tarn::lambda
