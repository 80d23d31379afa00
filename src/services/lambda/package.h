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
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/files.h"
#include "services/lambda/function.h"

namespace tarn::lambda {

inline constexpr std::uint64_t kMostZippedBytes = std::uint64_t{50} << 20;
inline constexpr std::uint64_t kMostUnzippedBytes = std::uint64_t{250} << 20;
inline constexpr std::size_t kMostPackageFiles = 20'000;  // ours: each is a file of the disk

// A zip of these files, by name. The same files always give the same zip.
[[nodiscard]] Result<std::string> zip_of(const std::map<std::string, std::string>& files);

// Where packages lie: `directory`/SHA256.zip, durable, and unzipped `directory`/SHA256, which is made
// anew by each server. Threads: safe from any.
class Packages {
 public:
  Packages(platform::Files& files, std::string directory)
      : files_(files), directory_(std::move(directory)) {}

  // Durable and unzipped when it returns; one that is there already is taken. Errors:
  // InvalidParameterValueException (no zip, too large, a name that leads out of it), kIo, kDiskFull.
  [[nodiscard]] Result<Code> keep(std::string_view zip);
  [[nodiscard]] Result<std::string> read(const Code& code) const;
  // The folder of its files, unzipped where they are not yet. Errors: those of keep().
  [[nodiscard]] Result<std::string> folder(const Code& code);
  // At the server's start: removes what is unzipped, and all zips that are not in `used` (their
  // SHA256). Errors: kIo.
  [[nodiscard]] Status clean(const std::set<std::string>& used);

 private:
  [[nodiscard]] std::string zip_path(const Code& code) const {
    return directory_ + "/" + code.sha256 + ".zip";
  }
  [[nodiscard]] Status unpack(const Code& code, std::string_view zip);
  [[nodiscard]] Status unzip(std::string_view zip, const std::string& to) const;

  platform::Files& files_;
  const std::string directory_;
  std::mutex mutex_;
  std::set<std::string> unpacked_;  // by mutex_
};

}  // namespace tarn::lambda
