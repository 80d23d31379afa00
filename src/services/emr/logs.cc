#include "services/emr/logs.h"

#include <zlib.h>

#include <fmt/format.h>

#include "wire/body.h"

namespace tarn::emr {
namespace {

// zlib: the largest window, and 16 for the gzip format (zlib.h, deflateInit2).
constexpr int kGzipWindow = 15 + 16;
constexpr int kMemoryLevel = 8;
constexpr std::size_t kPiece = std::size_t{1} << 18;

}  // namespace

Result<S3Place> parse_s3_uri(const std::string& uri) {
  for (const std::string_view scheme : {"s3://", "s3a://", "s3n://"}) {
    if (!uri.starts_with(scheme)) continue;
    const std::string rest = uri.substr(scheme.size());
    const std::size_t slash = rest.find('/');
    if (slash == 0 || rest.empty()) break;
    return S3Place{rest.substr(0, slash), slash == std::string::npos ? "" : rest.substr(slash + 1)};
  }
  return Error("ValidationException",
               fmt::format("'{}' is no place in S3, such as s3://bucket/folder/.", uri));
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel,
               Z_DEFAULT_STRATEGY);
  std::string input = text;
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  // zlib's bytes are unsigned.
  stream.next_in = static_cast<Bytef*>(static_cast<void*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = static_cast<Bytef*>(static_cast<void*>(out.data()));
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> gunzip(const std::string& bytes, std::size_t most) {
  z_stream stream{};
  inflateInit2(&stream, kGzipWindow);
  std::string input = bytes;
  stream.next_in = static_cast<Bytef*>(static_cast<void*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  std::string out;
  std::string piece(kPiece, '\0');
  int state = Z_OK;
  while (state == Z_OK && out.size() <= most) {
    stream.next_out = static_cast<Bytef*>(static_cast<void*>(piece.data()));
    stream.avail_out = static_cast<uInt>(piece.size());
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(piece, 0, piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END) return Error(code::kCorrupt, "it is no log in the format of gzip");
  return out;
}

Task<Result<std::string>> S3Logs::get(std::string uri) {
  TARN_CO_TRY(const S3Place place, parse_s3_uri(uri));
  TARN_CO_TRY(const s3::OpenObject object, store_.open(place.bucket, place.key));
  TARN_CO_TRY(const wire::Body body, co_await store_.read(object, 0, object.info.size));
  TARN_CO_TRY(const std::string bytes, co_await wire::read_all(*body, object.info.size));
  co_return gunzip(bytes, 2 * kMostLogBytes);
}

Task<Status> S3Logs::put(std::string uri, std::string content, s3::EncryptionRequest encryption) {
  TARN_CO_TRY(const S3Place place, parse_s3_uri(uri));
  s3::PutOptions options;
  options.headers.content_type = "text/plain";
  options.headers.content_encoding = "gzip";
  options.encryption = std::move(encryption);
  const wire::Body body = wire::make_body(std::move(content));
  const auto put = co_await store_.put(place.bucket, place.key, body, options);
  if (!put.ok()) co_return put.error();
  co_return Status();
}

std::string tail_of(platform::Files& files, const std::string& path, std::uint64_t bytes) {
  auto file = files.open(path, platform::OpenMode::kRead);
  if (!file.ok()) return {};
  const auto size = (*file)->size();
  if (!size.ok()) return {};
  const std::uint64_t offset = *size > bytes ? *size - bytes : 0;
  std::string text;
  const Status read = (*file)->read_at(offset, static_cast<std::size_t>(*size - offset), text);
  return read.ok() ? text : std::string();
}

Task<Status> send_log(platform::Platform& platform, Logs& logs, std::string folder,
                      std::string name, LogTarget to) {
  const std::string path = folder + "/" + name;
  const auto compress = [&] {
    return gzip(tail_of(platform.files, path, kMostLogBytes));
  };
  std::string content = co_await platform.tasks.offload(compress);
  std::string uri = to.folder + name + ".gz";
  co_return co_await logs.put(std::move(uri), std::move(content), std::move(to.encryption));
}

// Its writer appends: what comes while the end is copied may be lost, what was there is not.
Status bound_log(platform::Files& files, const std::string& path) {
  auto file = files.open(path, platform::OpenMode::kAppend);
  if (!file.ok()) return std::move(file).error();
  TARN_TRY(const std::uint64_t size, (*file)->size());
  if (size <= kMostLogBytes) return {};
  const std::string end = tail_of(files, path, kMostLogBytes / 2);
  TARN_CHECK((*file)->truncate(0));
  return (*file)->append(end);
}

}  // namespace tarn::emr
