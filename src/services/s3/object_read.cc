// GetObject and HeadObject.
#include <algorithm>

#include "services/s3/encryption_headers.h"
#include "services/s3/faults.h"
#include "services/s3/objects.h"
#include "services/s3/plain_file.h"
#include "services/s3/range.h"
#include "services/s3/shapes.h"

namespace tarn::s3 {
namespace {

// What a read finds: an object of the store, or a public one.
struct Found {
  OpenObject object;
  std::optional<std::string> version_id;  // as the answer shows it
  std::optional<std::string> expiration;
  const PublicObject* published = nullptr;
};

tarn::Error access_denied() {
  return tarn::Error("AccessDenied", "Access Denied", 403);
}

Task<Result<Found>> find_published(S3& s3, const PublicObject& entry, std::string key) {
  Found found;
  found.published = &entry;
  Result<StoredObject> info = co_await stat_plain_file(s3.platform, entry.path);
  if (!info.ok() && info.error().is(code::kNotFound)) {
    tarn::Error absent = no_such_key(key);
    absent.message += " " + entry.when_absent;
    co_return absent;
  }
  if (!info.ok()) co_return std::move(info).error();
  found.object.info = std::move(info).value();
  co_return found;
}

template <class Input>
Task<Result<Found>> find(S3& s3, const Caller& caller, const Input& input) {
  TARN_CO_CHECK(refuse_customer_keys(input));
  const Result<StoredBucket> bucket = expect_bucket(s3, input.bucket, input.expected_bucket_owner);
  if (!bucket.ok() && bucket.error().is("NoSuchBucket")) {
    const PublicObject* entry = s3.public_objects.find(input.bucket, input.key);
    if (entry != nullptr) co_return co_await find_published(s3, *entry, input.key);
  }
  if (!caller.allowed_by_policy) co_return access_denied();
  if (!bucket.ok()) co_return bucket.error();
  Found found;
  TARN_CO_TRY(found.object, input.version_id
                                ? s3.store.open_version(input.bucket, input.key, *input.version_id)
                                : s3.store.open(input.bucket, input.key));
  found.object.caller = caller;
  found.version_id = version_header(*bucket, found.object.info);
  if (!input.version_id) {
    found.expiration = expiration_of(s3, input.bucket, input.key, found.object.info);
  }
  co_return found;
}

template <class Input>
ReadCondition read_condition(const Input& input) {
  return {input.if_match, input.if_none_match, input.if_modified_since, input.if_unmodified_since};
}

// The stretch of part `number`, which counts the parts in their order. Error: InvalidPartNumber.
Result<ByteRange> part_range(const OpenObject& object, std::int32_t number) {
  const auto wanted = static_cast<std::size_t>(std::max(number, 0));
  const std::size_t parts = std::max<std::size_t>(object.info.part_count, 1);
  if (wanted < 1 || wanted > parts) {
    tarn::Error error("InvalidPartNumber", "The requested partnumber is not satisfiable", 416);
    error.details.emplace_back("PartNumberRequested", std::to_string(number));
    error.details.emplace_back("ActualPartCount", std::to_string(parts));
    return error;
  }
  if (object.info.part_count == 0) return ByteRange{0, object.info.size};
  ByteRange range;
  for (std::size_t i = 0; i + 1 < wanted; ++i) range.offset += object.segments[i].size;
  range.length = object.segments[wanted - 1].size;
  return range;
}

// The stretch that is asked for; nullopt: the whole.
template <class Input>
Result<std::optional<ByteRange>> wanted_range(const Input& input, const OpenObject& object) {
  if (input.part_number && input.range) {
    return tarn::Error("InvalidRequest",
                       "Cannot specify both Range header and partNumber query parameter");
  }
  if (input.part_number) {
    TARN_TRY(const ByteRange range, part_range(object, *input.part_number));
    return std::optional(range);
  }
  if (!input.range) return std::optional<ByteRange>();
  return parse_range(*input.range, object.info.size);
}

template <class Input, class Output>
void override_headers(const Input& input, Output& out) {
  const auto set = [](std::optional<std::string>& member, const std::optional<std::string>& value) {
    if (value) member = value;
  };
  set(out.cache_control, input.response_cache_control);
  set(out.content_disposition, input.response_content_disposition);
  set(out.content_encoding, input.response_content_encoding);
  set(out.content_language, input.response_content_language);
  set(out.content_type, input.response_content_type);
  if (input.response_expires) out.expires = input.response_expires;
}

// Everything but the body. The stretch to be sent.
template <class Input, class Output>
Result<ByteRange> answer(const Input& input, const Caller& caller, const Found& found,
                         Output& out) {
  const OpenObject& object = found.object;
  TARN_TRY(const auto range, wanted_range(input, object));
  TARN_CHECK(check(read_condition(input), object.info));
  const bool overrides = input.response_cache_control || input.response_content_disposition ||
                         input.response_content_encoding || input.response_content_language ||
                         input.response_content_type || input.response_expires;
  if (overrides && caller.kind == Caller::Kind::kAnonymous) {
    return tarn::Error("InvalidRequest",
                       "Request specific response headers cannot be used for anonymous GET "
                       "requests.");
  }
  const StoredObject& info = object.info;
  show_headers(out, info);
  show_encryption(out, info.encryption);
  out.version_id = found.version_id;
  out.expiration = found.expiration;
  override_headers(input, out);
  const ByteRange sent = range.value_or(ByteRange{0, info.size});
  out.content_length = static_cast<std::int64_t>(sent.length);
  if (range && sent.length > 0) out.content_range = content_range(sent, info.size);
  if (input.part_number && info.part_count > 0) {
    out.parts_count = static_cast<std::int32_t>(info.part_count);
  }
  if (!range && info.checksum && input.checksum_mode == "ENABLED") {
    show_checksum(out, *info.checksum, info.part_count);
  }
  return sent;
}

}  // namespace

Task<Result<GetObjectOutput>> handle(GetObject, S3& s3, const Caller& caller,
                                     GetObjectRequest input) {
  TARN_CO_TRY(const Found found, co_await find(s3, caller, input));
  GetObjectOutput out;
  TARN_CO_TRY(const ByteRange sent, answer(input, caller, found, out));
  if (found.published != nullptr) {
    TARN_CO_TRY(out.body, co_await read_plain_file(s3.platform, found.published->path, sent.offset,
                                                   sent.length));
  } else {
    TARN_CO_TRY(out.body, co_await s3.store.read(found.object, sent.offset, sent.length));
  }
  co_return out;
}

Task<Result<HeadObjectOutput>> handle(HeadObject, S3& s3, const Caller& caller,
                                      HeadObjectRequest input) {
  TARN_CO_TRY(const Found found, co_await find(s3, caller, input));
  HeadObjectOutput out;
  TARN_CO_CHECK(answer(input, caller, found, out));
  co_return out;
}

}  // namespace tarn::s3
