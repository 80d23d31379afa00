#include "services/s3/lists.h"

#include <algorithm>

#include "services/s3/shapes.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t kMaxPage = 1000;

tarn::Error invalid_argument(std::string message, std::string_view name, std::string_view value) {
  tarn::Error error("InvalidArgument", std::move(message));
  error.details.emplace_back("ArgumentName", name);
  error.details.emplace_back("ArgumentValue", value);
  return error;
}

// `owner`: account id, or empty where owners are not shown.
std::vector<Object> show_objects(const ListPage& page, const KeyText& text,
                                 const std::string& owner) {
  std::vector<Object> out;
  out.reserve(page.objects.size());
  for (const ListedObject& listed : page.objects) {
    Object& shown = out.emplace_back();
    shown.key = text(listed.key);
    shown.last_modified = listed.info.last_modified;
    shown.e_tag = quoted_etag(listed.info.etag);
    shown.size = static_cast<std::int64_t>(listed.info.size);
    const std::string& storage_class = listed.info.headers.storage_class;
    shown.storage_class = storage_class.empty() ? "STANDARD" : storage_class;
    if (!owner.empty()) shown.owner.emplace().id = owner;
    if (!listed.info.checksum) continue;
    const StoredChecksum& checksum = *listed.info.checksum;
    shown.checksum_algorithm.emplace().emplace_back(wire::checksum_name(checksum.algorithm));
    shown.checksum_type = checksum_type(checksum.composite);
  }
  return out;
}

std::vector<CommonPrefix> show_prefixes(const std::vector<std::string>& prefixes,
                                        const KeyText& text) {
  std::vector<CommonPrefix> out;
  for (const std::string& prefix : prefixes) out.emplace_back().prefix = text(prefix);
  return out;
}

// The members that both versions have.
template <class Input, class Output>
void show_page(const Input& input, const ListPage& page, const KeyText& text,
               const std::string& owner, std::size_t max_keys, Output& out) {
  out.name = input.bucket;
  out.prefix = text(input.prefix.value_or(""));
  if (input.delimiter && !input.delimiter->empty()) out.delimiter = text(*input.delimiter);
  out.max_keys = static_cast<std::int32_t>(max_keys);
  out.encoding_type = input.encoding_type;
  out.is_truncated = page.truncated;
  out.contents = show_objects(page, text, owner);
  out.common_prefixes = show_prefixes(page.common_prefixes, text);
}

// A token is where the last page ended.
std::string make_token(std::string_view last) {
  return "1" + wire::to_base64(last);
}

Result<std::string> read_token(const std::string& token) {
  if (token.starts_with('1')) {
    if (auto last = wire::from_base64(std::string_view(token).substr(1))) {
      return std::move(*last);
    }
  }
  return invalid_argument("The continuation token provided is incorrect", "continuation-token",
                          token);
}

}  // namespace

Result<std::size_t> page_size(const std::optional<std::int32_t>& value, std::string_view argument) {
  const std::int32_t asked = value.value_or(static_cast<std::int32_t>(kMaxPage));
  if (asked >= 0) return std::min(static_cast<std::size_t>(asked), kMaxPage);
  return invalid_argument(
      "Argument " + std::string(argument) + " must be an integer between 0 and 2147483647",
      argument, std::to_string(asked));
}

Result<KeyText> KeyText::of(const std::optional<std::string>& encoding_type) {
  if (!encoding_type) return KeyText(false);
  if (*encoding_type == "url") return KeyText(true);
  return invalid_argument("Invalid Encoding Method specified in Request", "encoding-type",
                          *encoding_type);
}

std::string KeyText::operator()(std::string_view key) const {
  return encode_ ? wire::percent_encode(key, true) : std::string(key);
}

Task<Result<ListObjectsOutput>> handle(ListObjects, S3& s3, const Caller&,
                                       ListObjectsRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_TRY(const std::size_t max_keys, page_size(input.max_keys, "max-keys"));
  TARN_CO_TRY(const KeyText text, KeyText::of(input.encoding_type));
  ListQuery query;
  query.bucket = input.bucket;
  query.prefix = input.prefix.value_or("");
  query.delimiter = input.delimiter.value_or("");
  query.after = input.marker.value_or("");
  query.max_keys = max_keys;
  TARN_CO_TRY(const ListPage page, s3.store.list(query));
  ListObjectsOutput out;
  show_page(input, page, text, bucket.owner, max_keys, out);
  out.marker = text(query.after);
  // Without a delimiter clients take the last key (API_ListObjects, "NextMarker").
  if (page.truncated && !query.delimiter.empty()) out.next_marker = text(page.last);
  co_return out;
}

Task<Result<ListObjectsV2Output>> handle(ListObjectsV2, S3& s3, const Caller&,
                                         ListObjectsV2Request input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_TRY(const std::size_t max_keys, page_size(input.max_keys, "max-keys"));
  TARN_CO_TRY(const KeyText text, KeyText::of(input.encoding_type));
  ListQuery query;
  query.bucket = input.bucket;
  query.prefix = input.prefix.value_or("");
  query.delimiter = input.delimiter.value_or("");
  query.after = input.start_after.value_or("");
  query.max_keys = max_keys;
  if (input.continuation_token) {
    TARN_CO_TRY(query.after, read_token(*input.continuation_token));
  }
  TARN_CO_TRY(const ListPage page, s3.store.list(query));
  ListObjectsV2Output out;
  const bool owners = input.fetch_owner.value_or(false);
  show_page(input, page, text, owners ? bucket.owner : std::string(), max_keys, out);
  out.key_count = static_cast<std::int32_t>(page.objects.size() + page.common_prefixes.size());
  out.continuation_token = input.continuation_token;
  if (input.start_after) out.start_after = text(*input.start_after);
  if (page.truncated) out.next_continuation_token = make_token(page.last);
  co_return out;
}

}  // namespace tarn::s3
