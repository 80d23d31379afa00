#include "services/s3/record.h"

#include <algorithm>

namespace tarn::s3 {
namespace {

// First byte of every value: the version of docs/formats/s3.md.
constexpr char kRecordVersion = 1;

// Fields that follow the fixed ones of a record, each after its number; one that is not there has
// its default.
enum class Further : std::uint8_t { kVersionMark = 1, kTags = 2, kVersioning = 3, kEncryption = 4 };

// In keys of versions: what ends an object's key, and what stands for a zero byte within it, so
// that the order of the stored keys is that of the objects' keys.
constexpr std::string_view kKeyEnd("\0\1", 2);
constexpr std::string_view kEscapedZero("\0\2", 2);
constexpr std::size_t kSequenceBytes = 8;

// Appends fields in their order.
class Encoder {
 public:
  Encoder() { out_.push_back(kRecordVersion); }

  Encoder& number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
    return *this;
  }
  Encoder& text(std::string_view value) {
    number(value.size());
    out_.append(value);
    return *this;
  }
  Encoder& time(Timestamp value) { return number(static_cast<std::uint64_t>(value.ms)); }
  Encoder& body(const BodyRef& value) {
    number(static_cast<std::uint64_t>(value.kind));
    out_.append(bytes_of(value.id));
    return *this;
  }
  Encoder& checksum(const StoredChecksum& value) {
    number(static_cast<std::uint64_t>(value.algorithm));
    number(value.composite ? 1 : 0);
    return text(value.value);
  }
  Encoder& headers(const ObjectHeaders& value) {
    for (const std::string* field :
         {&value.content_type, &value.cache_control, &value.content_disposition,
          &value.content_encoding, &value.content_language, &value.expires,
          &value.website_redirect_location}) {
      text(*field);
    }
    number(value.metadata.size());
    for (const auto& [name, content] : value.metadata) text(name).text(content);
    return *this;
  }
  Encoder& further(Further field) { return number(static_cast<std::uint64_t>(field)); }
  Encoder& tags(const Tags& value) {
    if (value.empty()) return *this;
    further(Further::kTags).number(value.size());
    for (const auto& [name, content] : value) text(name).text(content);
    return *this;
  }
  Encoder& version(const VersionMark& value) {
    if (value.sequence == 0) return *this;
    further(Further::kVersionMark).number(value.sequence).text(value.id);
    return number(value.delete_marker ? 1 : 0);
  }
  Encoder& encryption(const StoredEncryption& value) {
    if (value.kind == EncryptionKind::kNone) return *this;
    further(Further::kEncryption).number(static_cast<std::uint64_t>(value.kind));
    text(value.data_key).text(value.key_arn).text(value.context);
    return number(value.bucket_key ? 1 : 0);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// Reads fields in their order; a short record makes every further field empty and ok() false.
class Decoder {
 public:
  explicit Decoder(std::string_view record) : rest_(record) {
    ok_ = !rest_.empty() && rest_.front() == kRecordVersion;
    if (ok_) rest_.remove_prefix(1);
  }

  [[nodiscard]] bool ok() const { return ok_; }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    ok_ = false;
    return 0;
  }
  std::string_view bytes(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }
  std::string text() { return std::string(bytes(number())); }
  Timestamp time() { return {static_cast<std::int64_t>(number())}; }
  BodyRef body() {
    BodyRef value;
    const std::uint64_t kind = number();
    if (kind > static_cast<std::uint64_t>(BodyKind::kComposite)) ok_ = false;
    value.kind = static_cast<BodyKind>(kind);
    const std::string_view id = bytes(value.id.size());
    std::copy(id.begin(), id.end(), value.id.begin());
    return value;
  }
  wire::ChecksumAlgorithm algorithm() {
    const std::uint64_t value = number();
    if (value >= wire::kChecksumAlgorithms.size()) {
      ok_ = false;
      return wire::ChecksumAlgorithm::kCrc32;
    }
    return static_cast<wire::ChecksumAlgorithm>(value);
  }
  StoredChecksum checksum() {
    StoredChecksum value;
    value.algorithm = algorithm();
    value.composite = number() != 0;
    value.value = text();
    return value;
  }
  ObjectHeaders headers() {
    ObjectHeaders value;
    for (std::string* field :
         {&value.content_type, &value.cache_control, &value.content_disposition,
          &value.content_encoding, &value.content_language, &value.expires,
          &value.website_redirect_location}) {
      *field = text();
    }
    value.metadata = pairs();
    return value;
  }
  std::map<std::string, std::string> pairs() {
    std::map<std::string, std::string> value;
    for (std::uint64_t left = number(); ok_ && left > 0; --left) {
      std::string name = text();
      value[std::move(name)] = text();
    }
    return value;
  }
  // The next further field, or nullopt at the end of the record.
  std::optional<Further> further() {
    if (!ok_ || rest_.empty()) return std::nullopt;
    return static_cast<Further>(number());
  }
  VersionMark version() {
    VersionMark value;
    value.sequence = number();
    value.id = text();
    value.delete_marker = number() != 0;
    return value;
  }
  StoredEncryption encryption() {
    StoredEncryption value;
    const std::uint64_t kind = number();
    if (kind > static_cast<std::uint64_t>(EncryptionKind::kKms)) ok_ = false;
    value.kind = static_cast<EncryptionKind>(kind);
    value.data_key = text();
    value.key_arn = text();
    value.context = text();
    value.bucket_key = number() != 0;
    return value;
  }
  // A field of a later version of the format.
  void fail() { ok_ = false; }

 private:
  std::string_view rest_;
  bool ok_ = false;
};

template <class T>
Result<T> finish(const Decoder& decoder, T value, std::string_view what) {
  if (decoder.ok()) return value;
  return tarn::Error(code::kCorrupt,
                     "the object store's record of " + std::string(what) + " is damaged");
}

std::string escaped(std::string_view key) {
  std::string out;
  out.reserve(key.size());
  for (const char c : key) {
    if (c == '\0') {
      out.append(kEscapedZero);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string unescaped(std::string_view stored) {
  std::string out;
  out.reserve(stored.size());
  for (std::size_t i = 0; i < stored.size(); ++i) {
    out.push_back(stored[i]);
    if (stored[i] == '\0') ++i;
  }
  return out;
}

void read_further(Decoder& in, StoredObject& object) {
  while (const auto field = in.further()) {
    switch (*field) {
      case Further::kVersionMark: object.version = in.version(); break;
      case Further::kTags: object.tags = in.pairs(); break;
      case Further::kEncryption: object.encryption = in.encryption(); break;
      default: in.fail();
    }
  }
}

void read_summary(Decoder& decoder, StoredObject& object) {
  object.size = decoder.number();
  object.last_modified = decoder.time();
  object.etag = decoder.text();
  object.headers.storage_class = decoder.text();
  if (decoder.number() != 0) object.checksum = decoder.checksum();
}

}  // namespace

std::string object_key(std::string_view bucket, std::string_view key) {
  std::string out;
  out.reserve(bucket.size() + 1 + key.size());
  out.append(bucket).push_back('\0');
  out.append(key);
  return out;
}

std::string bucket_key(std::string_view bucket) {
  return std::string(kBucketPrefix).append(bucket);
}

std::string body_key(const BodyId& id) {
  return std::string("b").append(bytes_of(id));
}

std::string upload_prefix(std::string_view bucket, std::string_view prefix) {
  return "u" + object_key(bucket, prefix);
}

std::string upload_key(std::string_view bucket, std::string_view key, std::string_view upload_id) {
  std::string out = upload_prefix(bucket, key);
  out.push_back('\0');
  return out.append(upload_id);
}

Result<std::pair<std::string, std::string>> split_upload_key(std::string_view bucket,
                                                             std::string_view stored_key) {
  const std::size_t head = 1 + bucket.size() + 1;
  if (stored_key.size() < head + 1 + kUploadIdLength) {
    return tarn::Error(code::kCorrupt, "the object store's key of an upload is damaged");
  }
  const std::size_t id_at = stored_key.size() - kUploadIdLength;
  return std::pair(std::string(stored_key.substr(head, id_at - 1 - head)),
                   std::string(stored_key.substr(id_at)));
}

std::string part_prefix(std::string_view upload_id) {
  return std::string("p").append(upload_id);
}

std::string part_key(std::string_view upload_id, std::uint32_t number) {
  std::string out = part_prefix(upload_id);
  out.push_back(static_cast<char>(number >> 8));
  out.push_back(static_cast<char>(number & 0xff));
  return out;
}

std::string version_prefix(std::string_view bucket, std::string_view prefix) {
  return "v" + object_key(bucket, escaped(prefix));
}

std::string versions_of_key(std::string_view bucket, std::string_view key) {
  return version_prefix(bucket, key).append(kKeyEnd);
}

std::string version_key(std::string_view bucket, std::string_view key, std::uint64_t sequence) {
  std::string out = versions_of_key(bucket, key);
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(~sequence >> shift & 0xff));
  }
  return out;
}

Result<VersionPlace> split_version_key(std::string_view bucket, std::string_view stored_key) {
  const std::size_t head = 1 + bucket.size() + 1;
  const std::size_t tail = kKeyEnd.size() + kSequenceBytes;
  if (stored_key.size() < head + tail) {
    return tarn::Error(code::kCorrupt, "the object store's key of a version is damaged");
  }
  VersionPlace place;
  place.key = unescaped(stored_key.substr(head, stored_key.size() - head - tail));
  for (const char c : stored_key.substr(stored_key.size() - kSequenceBytes)) {
    place.sequence = place.sequence << 8 | static_cast<unsigned char>(~c);
  }
  return place;
}

std::string null_version_key(std::string_view bucket, std::string_view key) {
  return "n" + object_key(bucket, key);
}

std::string setting_key(std::string_view bucket, std::string_view name) {
  return std::string(kSettingPrefix).append(object_key(bucket, name));
}

std::string sweep_key(std::string_view bucket) {
  return std::string("x").append(bucket);
}

std::string encode(const StoredObject& object) {
  Encoder out;
  out.number(object.size).time(object.last_modified).text(object.etag);
  out.text(object.headers.storage_class).number(object.checksum ? 1 : 0);
  if (object.checksum) out.checksum(*object.checksum);
  out.body(object.body).number(object.part_count).text(object.upload_id).headers(object.headers);
  return out.version(object.version).tags(object.tags).encryption(object.encryption).take();
}

std::string encode(const StoredBucket& bucket) {
  Encoder out;
  out.text(bucket.owner).text(bucket.region).time(bucket.created);
  if (bucket.versioning != Versioning::kNever) {
    out.further(Further::kVersioning).number(static_cast<std::uint64_t>(bucket.versioning));
  }
  return out.take();
}

std::string encode(const BodyRecord& body) {
  Encoder out;
  out.number(static_cast<std::uint64_t>(body.kind)).number(body.size);
  if (body.kind == BodyKind::kInline) out.number(body.crc32c).text(body.data);
  if (body.kind != BodyKind::kComposite) return out.take();
  out.number(body.segments.size());
  for (const Segment& segment : body.segments) {
    out.body(segment.body).number(segment.size).number(segment.part_number).text(segment.checksum);
  }
  return out.take();
}

std::string encode(const StoredUpload& upload) {
  Encoder out;
  out.time(upload.initiated).text(upload.initiator);
  out.number(static_cast<std::uint64_t>(upload.checksum_algorithm));
  out.number(upload.checksum_composite ? 1 : 0).number(upload.checksum_requested ? 1 : 0);
  out.text(upload.headers.storage_class).headers(upload.headers).tags(upload.tags);
  return out.encryption(upload.encryption).take();
}

std::string encode(const StoredPart& part) {
  Encoder out;
  out.number(part.size).time(part.last_modified).text(part.md5).checksum(part.checksum);
  return out.body(part.body).take();
}

std::string encode_sequence(std::uint64_t sequence) {
  return Encoder().number(sequence).take();
}

std::string encode(const SweepProgress& progress) {
  Encoder out;
  out.number(static_cast<std::uint64_t>(progress.day)).number(progress.done ? 1 : 0);
  return out.text(progress.after).take();
}

std::string encode_setting(std::string_view document) {
  return Encoder().text(document).take();
}

Result<StoredObject> decode_object(std::string_view record) {
  Decoder in(record);
  StoredObject object;
  read_summary(in, object);
  std::string storage_class = std::move(object.headers.storage_class);
  object.body = in.body();
  object.part_count = static_cast<std::uint32_t>(in.number());
  object.upload_id = in.text();
  object.headers = in.headers();
  object.headers.storage_class = std::move(storage_class);
  read_further(in, object);
  return finish(in, std::move(object), "an object");
}

Result<StoredObject> decode_object_summary(std::string_view record) {
  Decoder in(record);
  StoredObject object;
  read_summary(in, object);
  return finish(in, std::move(object), "an object");
}

Result<StoredBucket> decode_bucket(std::string_view name, std::string_view record) {
  Decoder in(record);
  StoredBucket bucket;
  bucket.name = name;
  bucket.owner = in.text();
  bucket.region = in.text();
  bucket.created = in.time();
  while (const auto field = in.further()) {
    if (*field != Further::kVersioning) in.fail();
    bucket.versioning = static_cast<Versioning>(in.number());
  }
  return finish(in, std::move(bucket), "a bucket");
}

Result<BodyRecord> decode_body(std::string_view record) {
  Decoder in(record);
  BodyRecord body;
  body.kind = static_cast<BodyKind>(in.number());
  body.size = in.number();
  if (body.kind == BodyKind::kInline) {
    body.crc32c = static_cast<std::uint32_t>(in.number());
    body.data = in.text();
  }
  if (body.kind == BodyKind::kComposite) {
    for (std::uint64_t left = in.number(); in.ok() && left > 0; --left) {
      Segment segment;
      segment.body = in.body();
      segment.size = in.number();
      segment.part_number = static_cast<std::uint32_t>(in.number());
      segment.checksum = in.text();
      body.segments.push_back(std::move(segment));
    }
  }
  return finish(in, std::move(body), "a body");
}

Result<StoredUpload> decode_upload(std::string_view record) {
  Decoder in(record);
  StoredUpload upload;
  upload.initiated = in.time();
  upload.initiator = in.text();
  upload.checksum_algorithm = in.algorithm();
  upload.checksum_composite = in.number() != 0;
  upload.checksum_requested = in.number() != 0;
  std::string storage_class = in.text();
  upload.headers = in.headers();
  upload.headers.storage_class = std::move(storage_class);
  while (const auto field = in.further()) {
    switch (*field) {
      case Further::kTags: upload.tags = in.pairs(); break;
      case Further::kEncryption: upload.encryption = in.encryption(); break;
      default: in.fail();
    }
  }
  return finish(in, std::move(upload), "a multipart upload");
}

Result<StoredPart> decode_part(std::uint32_t number, std::string_view record) {
  Decoder in(record);
  StoredPart part;
  part.number = number;
  part.size = in.number();
  part.last_modified = in.time();
  part.md5 = in.text();
  part.checksum = in.checksum();
  part.body = in.body();
  return finish(in, std::move(part), "a part");
}

Result<std::uint64_t> decode_sequence(std::string_view record) {
  Decoder in(record);
  const std::uint64_t sequence = in.number();
  return finish(in, sequence, "a null version");
}

Result<SweepProgress> decode_sweep(std::string_view record) {
  Decoder in(record);
  SweepProgress progress;
  progress.day = static_cast<std::int64_t>(in.number());
  progress.done = in.number() != 0;
  progress.after = in.text();
  return finish(in, std::move(progress), "a sweep");
}

Result<std::string> decode_setting(std::string_view record) {
  Decoder in(record);
  std::string document = in.text();
  return finish(in, std::move(document), "a bucket's settings");
}

}  // namespace tarn::s3
