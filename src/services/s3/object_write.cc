// PutObject, DeleteObject and DeleteObjects.
#include "services/s3/encryption_headers.h"
#include "services/s3/objects.h"
#include "services/s3/shapes.h"
#include "services/s3/tags.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t kMaxRemovals = 1000;

Removal read_removal(const ObjectIdentifier& object) {
  Removal removal;
  removal.key = object.key;
  removal.version = object.version_id.value_or("");
  removal.condition.if_match = object.e_tag;
  removal.condition.last_modified = object.last_modified_time;
  if (object.size) removal.condition.size = static_cast<std::uint64_t>(*object.size);
  return removal;
}

// What DeleteObjects says of one of its objects.
void report_removed(const ObjectIdentifier& asked, const Removed& removed,
                    DeleteObjectsOutput& out) {
  if (!out.deleted) out.deleted.emplace();
  DeletedObject& shown = out.deleted->emplace_back();
  shown.key = asked.key;
  shown.version_id = asked.version_id;
  if (!removed.delete_marker) return;
  shown.delete_marker = true;
  shown.delete_marker_version_id = removed.version_id;
}

void report_kept(const ObjectIdentifier& asked, const tarn::Error& error,
                 DeleteObjectsOutput& out) {
  if (!out.errors) out.errors.emplace();
  Error& shown = out.errors->emplace_back();  // the API's shape
  shown.key = asked.key;
  shown.version_id = asked.version_id;
  shown.code = error.code;
  shown.message = error.message;
}

}  // namespace

Task<Result<PutObjectOutput>> handle(PutObject, S3& s3, const Caller& caller,
                                     PutObjectRequest input) {
  TARN_CO_CHECK(refuse_what_is_not_here(input));
  TARN_CO_CHECK(refuse_customer_keys(input));
  TARN_CO_CHECK(check_key(input.key));
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  PutOptions options;
  options.headers = read_headers(input);
  TARN_CO_CHECK(check_headers(options.headers));
  TARN_CO_TRY(options.tags, read_tagging_header(input.tagging));
  TARN_CO_TRY(options.integrity, read_integrity(input));
  TARN_CO_TRY(options.encryption, read_encryption(input));
  options.caller = caller;
  options.condition.if_match = std::move(input.if_match);
  options.condition.if_none_match = std::move(input.if_none_match);
  std::string bucket = input.bucket;
  std::string key = input.key;
  TARN_CO_TRY(const StoredObject object,
              co_await s3.store.put(std::move(bucket), std::move(key), std::move(input.body),
                                    std::move(options)));
  PutObjectOutput out;
  out.e_tag = quoted_etag(object.etag);
  out.version_id = version_header(object);
  out.expiration = expiration_of(s3, input.bucket, input.key, object);
  if (object.checksum) show_checksum(out, *object.checksum, 0);
  show_encryption(out, object.encryption);
  co_return out;
}

Task<Result<DeleteObjectOutput>> handle(DeleteObject, S3& s3, const Caller&,
                                        DeleteObjectRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_CHECK(check_version(input.version_id));
  Removal removal;
  removal.key = std::move(input.key);
  removal.version = input.version_id.value_or("");
  removal.condition.if_match = std::move(input.if_match);
  removal.condition.last_modified = input.if_match_last_modified_time;
  if (input.if_match_size) {
    removal.condition.size = static_cast<std::uint64_t>(*input.if_match_size);
  }
  std::vector<Removal> removals;
  removals.push_back(std::move(removal));
  TARN_CO_TRY(const std::vector<Result<Removed>> outcomes,
              co_await s3.store.remove(std::move(input.bucket), std::move(removals)));
  TARN_CO_TRY(const Removed removed, outcomes.front());
  DeleteObjectOutput out;
  if (!removed.version_id.empty()) out.version_id = removed.version_id;
  if (removed.delete_marker) out.delete_marker = true;
  co_return out;
}

Task<Result<DeleteObjectsOutput>> handle(DeleteObjects, S3& s3, const Caller& caller,
                                         DeleteObjectsRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  const auto& objects = input.delete_.objects;
  if (objects.empty() || objects.size() > kMaxRemovals) {
    co_return tarn::Error("MalformedXML",
                          "The XML you provided was not well-formed or did not validate against "
                          "our published schema");
  }
  DeleteObjectsOutput out;
  std::vector<const ObjectIdentifier*> asked;
  std::vector<Removal> removals;
  auto refused = caller.refused_items.begin();
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (refused != caller.refused_items.end() && refused->index == i) {
      report_kept(objects[i], refused->error, out);
      ++refused;
      continue;
    }
    asked.push_back(&objects[i]);
    removals.push_back(read_removal(objects[i]));
  }
  if (removals.empty()) co_return out;
  TARN_CO_TRY(const std::vector<Result<Removed>> outcomes,
              co_await s3.store.remove(std::move(input.bucket), std::move(removals)));
  const bool quiet = input.delete_.quiet.value_or(false);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (!outcomes[i].ok()) {
      report_kept(*asked[i], outcomes[i].error(), out);
    } else if (!quiet) {
      report_removed(*asked[i], *outcomes[i], out);
    }
  }
  co_return out;
}

}  // namespace tarn::s3
