#include "services/lambda/package.h"

#include <algorithm>
#include <ctime>
#include <functional>
#include <memory>
#include <vector>

#include <zip.h>

#include <fmt/format.h>

#include "wire/digest.h"
#include "wire/encoding.h"

namespace tarn::lambda {
namespace {

constexpr std::time_t kZipEpoch = 315'532'800;  // 1980, the first year that zip files know
constexpr std::size_t kPiece = std::size_t{64} << 10;

Error no_zip() {
  return {"InvalidParameterValueException",
          "Could not unzip uploaded file. Please check your file, then try to upload again."};
}

Error too_large() {
  return {"InvalidParameterValueException",
          fmt::format("Unzipped size must be smaller than {} bytes and {} files",
                      kMostUnzippedBytes, kMostPackageFiles)};
}

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, Discard>;

struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};

Archive open_zip(std::string_view zip) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(zip.data(), zip.size(), 0, &error);
  zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr && source != nullptr) zip_source_free(source);
  zip_error_fini(&error);
  return Archive(archive);
}

// A name below the package's root.
bool is_inside(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.find('\\') != std::string_view::npos)
    return false;
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find('/'));
    if (part == "..") return false;
    name.remove_prefix(std::min(name.size(), part.size() + 1));
  }
  return true;
}

Result<std::string> read_entry(zip_t* archive, zip_uint64_t index, std::uint64_t size) {
  const std::unique_ptr<zip_file_t, CloseEntry> entry(zip_fopen_index(archive, index, 0));
  if (!entry) return no_zip();
  std::string out(size, '\0');
  std::uint64_t filled = 0;
  while (filled < size) {
    const zip_int64_t got = zip_fread(entry.get(), out.data() + filled, size - filled);
    if (got <= 0) return no_zip();
    filled += static_cast<std::uint64_t>(got);
  }
  return out;
}

using TakeFile = std::function<Status(const std::string& name, const std::string& content)>;

// Every entry of a zip, folders ("a/") with nothing in them. What an entry says of its size is all
// that is read of it.
Status each_file(std::string_view zip, const TakeFile& take) {
  const Archive archive = open_zip(zip);
  if (!archive) return no_zip();
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  if (count <= 0) return no_zip();
  if (static_cast<std::uint64_t>(count) > kMostPackageFiles) return too_large();
  std::uint64_t total = 0;
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
    zip_stat_t facts;
    if (zip_stat_index(archive.get(), i, 0, &facts) != 0 || facts.name == nullptr) return no_zip();
    const std::string name = facts.name;
    if (!is_inside(name)) return no_zip();
    total += facts.size;
    if (facts.size > kMostUnzippedBytes || total > kMostUnzippedBytes) return too_large();
    std::string content;
    if (!name.ends_with('/')) {
      TARN_TRY(content, read_entry(archive.get(), i, facts.size));
    }
    TARN_CHECK(take(name, content));
  }
  return {};
}

}  // namespace

Result<std::string> zip_of(const std::map<std::string, std::string>& files) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_t* archive = target == nullptr ? nullptr : zip_open_from_source(target, ZIP_TRUNCATE, &error);
  zip_error_fini(&error);
  if (archive == nullptr) return Error(code::kIo, "a zip file cannot be made");
  zip_source_keep(target);
  const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> kept(target, zip_source_free);
  for (const auto& [name, content] : files) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    zip_file_set_mtime(archive, static_cast<zip_uint64_t>(index), kZipEpoch, 0);
  }
  if (zip_close(archive) != 0) {
    zip_discard(archive);
    return Error(code::kIo, "a zip file cannot be written");
  }
  std::string out;
  zip_source_open(target);
  std::string piece(kPiece, '\0');
  for (;;) {
    const zip_int64_t got = zip_source_read(target, piece.data(), piece.size());
    if (got <= 0) break;
    out.append(piece, 0, static_cast<std::size_t>(got));
  }
  zip_source_close(target);
  return out;
}

Result<Code> Packages::keep(std::string_view zip) {
  if (zip.size() > kMostZippedBytes) {
    return Error(
        "InvalidParameterValueException",
        fmt::format("The zip file has {} bytes; {} are allowed.", zip.size(), kMostZippedBytes));
  }
  const auto nothing = [](const std::string& /*name*/, const std::string& /*content*/) -> Status {
    return {};
  };
  TARN_CHECK(each_file(zip, nothing));
  Code code{wire::to_hex(wire::sha256(zip)), zip.size()};
  if (!files_.exists(zip_path(code))) TARN_CHECK(files_.write_atomically(zip_path(code), zip));
  return code;
}

Result<std::vector<std::string>> Packages::unpack(const Code& code, const std::string& to) const {
  TARN_TRY(const std::string zip, files_.read(zip_path(code)));
  TARN_CHECK(files_.make_directories(to));
  std::set<std::string> folders = {to};
  std::vector<std::string> made;
  const auto put = [&](const std::string& name, const std::string& content) -> Status {
    for (std::size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', slash + 1)) {
      folders.insert(to + "/" + name.substr(0, slash));
    }
    const std::string path = to + "/" + name;
    if (name.ends_with('/')) return files_.make_directories(path);
    TARN_CHECK(files_.make_directories(path.substr(0, path.rfind('/'))));
    TARN_TRY(const auto file, files_.open(path, platform::OpenMode::kCreateNew));
    made.push_back(path);
    return file->append(content);
  };
  TARN_CHECK(each_file(zip, put));
  made.insert(made.begin(), folders.begin(), folders.end());
  return made;
}

Status Packages::clean(const std::set<std::string>& used) {
  TARN_CHECK(files_.make_directories(directory_));
  TARN_TRY(const auto entries, files_.list(directory_));
  for (const platform::DirectoryEntry& entry : entries) {
    const bool is_used =
        entry.name.ends_with(".zip") && used.contains(entry.name.substr(0, entry.name.size() - 4));
    if (!is_used) TARN_CHECK(files_.remove_tree(directory_ + "/" + entry.name));
  }
  return {};
}

}  // namespace tarn::lambda
