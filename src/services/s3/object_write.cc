// PutObject, DeleteObject and DeleteObjects.
#include "services/s3/objects.h"
#include "services/s3/shapes.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t kMaxRemovals = 1000;

Result<Removal> read_removal(const ObjectIdentifier& object) {
  TARN_CHECK(check_version(object.version_id));
  Removal removal;
  removal.key = object.key;
  removal.condition.if_match = object.e_tag;
  removal.condition.last_modified = object.last_modified_time;
  if (object.size) removal.condition.size = static_cast<std::uint64_t>(*object.size);
  return removal;
}

void report(const std::string& key, const Status& outcome, bool quiet, DeleteObjectsOutput& out) {
  if (outcome.ok()) {
    if (quiet) return;
    if (!out.deleted) out.deleted.emplace();
    out.deleted->emplace_back().key = key;
    return;
  }
  if (!out.errors) out.errors.emplace();
  Error& shown = out.errors->emplace_back();  // the API's shape
  shown.key = key;
  shown.code = outcome.error().code;
  shown.message = outcome.error().message;
}

}  // namespace

Task<Result<PutObjectOutput>> handle(PutObject, S3& s3, const Caller&, PutObjectRequest input) {
  TARN_CO_CHECK(refuse_what_is_not_here(input));
  TARN_CO_CHECK(check_key(input.key));
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  PutOptions options;
  options.headers = read_headers(input);
  TARN_CO_CHECK(check_headers(options.headers));
  TARN_CO_TRY(options.integrity, read_integrity(input));
  options.condition.if_match = std::move(input.if_match);
  options.condition.if_none_match = std::move(input.if_none_match);
  TARN_CO_TRY(const StoredObject object,
              co_await s3.store.put(std::move(input.bucket), std::move(input.key),
                                    std::move(input.body), std::move(options)));
  PutObjectOutput out;
  out.e_tag = quoted(object.etag);
  if (object.checksum) show_checksum(out, *object.checksum, 0);
  co_return out;
}

Task<Result<DeleteObjectOutput>> handle(DeleteObject, S3& s3, const Caller&,
                                        DeleteObjectRequest input) {
  TARN_CO_CHECK(check_version(input.version_id));
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  Removal removal;
  removal.key = std::move(input.key);
  removal.condition.if_match = std::move(input.if_match);
  removal.condition.last_modified = input.if_match_last_modified_time;
  if (input.if_match_size) {
    removal.condition.size = static_cast<std::uint64_t>(*input.if_match_size);
  }
  std::vector<Removal> removals;
  removals.push_back(std::move(removal));
  TARN_CO_TRY(const std::vector<Status> outcomes,
              co_await s3.store.remove(std::move(input.bucket), std::move(removals)));
  TARN_CO_CHECK(outcomes.front());
  co_return DeleteObjectOutput();
}

Task<Result<DeleteObjectsOutput>> handle(DeleteObjects, S3& s3, const Caller&,
                                         DeleteObjectsRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  const auto& objects = input.delete_.objects;
  if (objects.empty() || objects.size() > kMaxRemovals) {
    co_return tarn::Error("MalformedXML",
                          "The XML you provided was not well-formed or did not validate against "
                          "our published schema");
  }
  const bool quiet = input.delete_.quiet.value_or(false);
  DeleteObjectsOutput out;
  std::vector<Removal> removals;
  for (const ObjectIdentifier& object : objects) {
    Result<Removal> removal = read_removal(object);
    if (removal.ok()) {
      removals.push_back(std::move(removal).value());
    } else {
      report(object.key, removal.error(), quiet, out);
    }
  }
  std::vector<std::string> keys;
  for (const Removal& removal : removals) keys.push_back(removal.key);
  TARN_CO_TRY(const std::vector<Status> outcomes,
              co_await s3.store.remove(std::move(input.bucket), std::move(removals)));
  for (std::size_t i = 0; i < keys.size(); ++i) report(keys[i], outcomes[i], quiet, out);
  co_return out;
}

}  // namespace tarn::s3
