#include "services/iceberg/metadata_files.h"

#include <map>
#include <utility>

#include <zlib.h>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/iceberg/error.h"
#include "wire/body.h"

namespace tarn::iceberg {
namespace {

// RFC 1952 section 2.3.1
constexpr std::string_view kGzipMagic = "\x1f\x8b";
// zlib: the largest window, and 16 for the gzip format (zlib.h, inflateInit2).
constexpr int kGzipWindow = 15 + 16;
constexpr std::size_t kPiece = std::size_t{64} << 10;

struct Inflater {
  Inflater() { ready = inflateInit2(&stream, kGzipWindow) == Z_OK; }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ready) inflateEnd(&stream);
  }
  z_stream stream{};
  bool ready = false;
};

Result<std::string> unpack(std::string& packed) {
  Inflater inflater;
  auto& stream = inflater.stream;
  std::string out;
  std::string piece(kPiece, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  int state = inflater.ready ? Z_OK : Z_MEM_ERROR;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(piece, 0, piece.size() - stream.avail_out);
    if (out.size() > MetadataFiles::kLimit) break;
  }
  if (state == Z_STREAM_END) return out;
  return bad_request("The compressed metadata file is damaged or too large.");
}

Error unreadable(const std::string& location, const Error& error) {
  if (error.code.starts_with("Tarn.")) return error;
  return bad_request(
      fmt::format("The metadata file {} cannot be read: {}", location, error.message));
}

}  // namespace

Result<S3Location> parse_location(std::string_view location) {
  for (const std::string_view scheme : {"s3://", "s3a://", "s3n://"}) {
    if (!location.starts_with(scheme)) continue;
    const std::string_view rest = location.substr(scheme.size());
    const std::size_t slash = rest.find('/');
    S3Location out;
    out.bucket = rest.substr(0, slash);
    if (slash != std::string_view::npos) out.key = rest.substr(slash + 1);
    if (out.bucket.empty()) break;
    return out;
  }
  return bad_request(fmt::format("'{}' is no place like s3://bucket/folder.", location));
}

std::string strip_slashes(std::string location) {
  while (location.ends_with('/') && !location.ends_with("://")) location.pop_back();
  return location;
}

Task<Result<std::string>> MetadataFiles::read(std::string location) {
  TARN_CO_TRY(const S3Location at, parse_location(location));
  auto object = store_.open(at.bucket, at.key);
  if (!object.ok()) co_return unreadable(location, object.error());
  if (object->info.size > kLimit)
    co_return bad_request(fmt::format("The metadata file {} is too large.", location));
  auto body = co_await store_.read(*object, 0, object->info.size);
  if (!body.ok()) co_return unreadable(location, body.error());
  auto text = co_await wire::read_all(**body, kLimit);
  if (!text.ok()) co_return unreadable(location, text.error());
  if (text->starts_with(kGzipMagic)) co_return unpack(*text);
  co_return std::move(*text);
}

Task<Status> MetadataFiles::write(std::string location, std::string content) {
  TARN_CO_TRY(const S3Location at, parse_location(location));
  s3::PutOptions options;
  options.headers.content_type = "application/json";
  options.condition.if_none_match = "*";
  const wire::Body body = wire::make_body(std::move(content));
  auto put = co_await store_.put(at.bucket, at.key, body, options);
  if (put.ok()) co_return Status();
  if (put.error().code.starts_with("Tarn.")) co_return std::move(put).error();
  co_return bad_request(
      fmt::format("The metadata file {} cannot be written: {}", location, put.error().message));
}

Task<void> MetadataFiles::remove(std::vector<std::string> locations) {
  std::map<std::string, std::vector<s3::Removal>> by_bucket;
  for (const auto& location : locations) {
    auto at = parse_location(location);
    if (at.ok()) by_bucket[at->bucket].push_back(s3::Removal{at->key, {}});
  }
  for (auto& [bucket, removals] : by_bucket) {
    const std::string name = bucket;
    std::vector<s3::Removal> wanted = std::move(removals);
    const auto removed = co_await store_.remove(name, std::move(wanted));
    if (!removed.ok())
      spdlog::warn("iceberg: old metadata files in {} are left: {}", name, removed.error().message);
  }
}

}  // namespace tarn::iceberg
