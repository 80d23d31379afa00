#include "services/s3/buckets.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ids.h"
#include "services/s3/faults.h"
#include "services/s3/shapes.h"
#include "services/s3/tags.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view kFirstRegion =
    "us-east-1";  // the Region whose location constraint is empty
constexpr std::size_t kBucketsPerPage = 10'000;

constexpr std::array<std::string_view, 4> kReservedPrefixes = {"xn--", "sthree-", "amzn-s3-demo-",
                                                               "aws-s3-reserved-"};
constexpr std::array<std::string_view, 5> kReservedSuffixes = {"-s3alias", "--ol-s3", ".mrap",
                                                               "--x-s3", "--table-s3"};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool looks_like_address(std::string_view name) {
  return std::count(name.begin(), name.end(), '.') == 3 &&
         name.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string bucket_arn(std::string_view bucket) {
  return make_arn("s3", "", "", bucket);
}

tarn::Error wrong_constraint(std::string_view constraint) {
  return tarn::Error("IllegalLocationConstraintException",
                     fmt::format("The {} location constraint is incompatible for the region "
                                 "specific endpoint this request was sent to.",
                                 constraint));
}

// The Region a new bucket is in. Errors: IllegalLocationConstraintException.
Result<std::string> choose_region(const CreateBucketRequest& input, const Caller& caller) {
  std::string constraint;
  if (input.create_bucket_configuration) {
    constraint = input.create_bucket_configuration->location_constraint.value_or("");
  }
  if (constraint == "EU") constraint = "eu-west-1";
  if (caller.region == kFirstRegion || caller.region.empty()) {
    return constraint.empty() ? std::string(kFirstRegion) : constraint;
  }
  if (constraint.empty()) return wrong_constraint("unspecified");
  if (constraint != caller.region) return wrong_constraint(constraint);
  return constraint;
}

Status refuse(const CreateBucketRequest& input) {
  if ((input.acl && *input.acl != "private") || input.grant_full_control || input.grant_read ||
      input.grant_read_acp || input.grant_write || input.grant_write_acp) {
    return tarn::Error("InvalidRequest",
                       "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced "
                       "setting");
  }
  if (input.object_lock_enabled_for_bucket.value_or(false)) {
    return not_here("x-amz-bucket-object-lock-enabled", "Object Lock is not offered");
  }
  if (input.object_ownership && *input.object_ownership != "BucketOwnerEnforced") {
    return not_here("x-amz-object-ownership", "ACLs are not offered");
  }
  return {};
}

}  // namespace

bool is_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63 || looks_like_address(name)) return false;
  if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back())) return false;
  if (name.find("..") != std::string_view::npos) return false;
  const bool clean = std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter_or_digit(c) || c == '.' || c == '-';
  });
  if (!clean) return false;
  for (const std::string_view prefix : kReservedPrefixes) {
    if (name.starts_with(prefix)) return false;
  }
  for (const std::string_view suffix : kReservedSuffixes) {
    if (name.ends_with(suffix)) return false;
  }
  return true;
}

Result<StoredBucket> expect_bucket(S3& s3, const std::string& bucket,
                                   const std::optional<std::string>& owner) {
  TARN_TRY(StoredBucket found, s3.store.bucket(bucket));
  if (owner && *owner != found.owner) {
    return tarn::Error("AccessDenied", "Access Denied", 403);
  }
  return found;
}

Task<Result<ListBucketsOutput>> handle(ListBuckets, S3& s3, const Caller& caller,
                                       ListBucketsRequest input) {
  TARN_CO_TRY(const std::vector<StoredBucket> all, s3.store.buckets());
  const auto limit = static_cast<std::size_t>(
      std::clamp<std::int32_t>(input.max_buckets.value_or(kBucketsPerPage), 1, kBucketsPerPage));
  const std::string prefix = input.prefix.value_or("");
  const std::string after = input.continuation_token.value_or("");
  ListBucketsOutput out;
  auto& buckets = out.buckets.emplace();
  for (const StoredBucket& bucket : all) {
    if (bucket.owner != caller.account_id || !bucket.name.starts_with(prefix)) continue;
    if (bucket.name <= after && !after.empty()) continue;
    if (input.bucket_region && *input.bucket_region != bucket.region) continue;
    if (buckets.size() == limit) {
      out.continuation_token = *buckets.back().name;
      break;
    }
    Bucket shown;
    shown.name = bucket.name;
    shown.creation_date = bucket.created;
    shown.bucket_region = bucket.region;
    shown.bucket_arn = bucket_arn(bucket.name);
    buckets.push_back(std::move(shown));
  }
  out.owner.emplace().id = caller.account_id;
  if (input.prefix) out.prefix = prefix;
  co_return out;
}

Task<Result<CreateBucketOutput>> handle(CreateBucket, S3& s3, const Caller& caller,
                                        CreateBucketRequest input) {
  if (!is_bucket_name(input.bucket)) {
    tarn::Error error("InvalidBucketName", "The specified bucket is not valid.");
    error.details.emplace_back("BucketName", input.bucket);
    co_return error;
  }
  TARN_CO_CHECK(refuse(input));
  StoredBucket bucket;
  bucket.name = input.bucket;
  bucket.owner = caller.account_id;
  bucket.created = {s3.platform.clock.now().ms / 1000 * 1000};
  TARN_CO_TRY(bucket.region, choose_region(input, caller));
  if (input.create_bucket_configuration && input.create_bucket_configuration->tags) {
    Tagging tagging;
    tagging.tag_set = *input.create_bucket_configuration->tags;
    TARN_CO_CHECK(check_bucket_tags(caller, {}, tagging.tag_set));
    bucket.settings.emplace(setting::kTagging, to_document(tagging, "Tagging"));
  }
  const Status created = co_await s3.store.create_bucket(bucket);
  // For compatibility's sake us-east-1 alone lets its owner make a bucket again
  // (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html, "Errors").
  const bool again = !created.ok() && created.error().is("BucketAlreadyOwnedByYou") &&
                     caller.region == kFirstRegion;
  if (!created.ok() && !again) co_return created.error();
  if (!again && !bucket.settings.empty()) TARN_CO_CHECK(s3.settings.refresh(bucket.name));
  CreateBucketOutput out;
  out.location = "/" + input.bucket;
  out.bucket_arn = bucket_arn(input.bucket);
  co_return out;
}

Task<Result<HeadBucketOutput>> handle(HeadBucket, S3& s3, const Caller&, HeadBucketRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  HeadBucketOutput out;
  out.bucket_region = bucket.region;
  out.bucket_arn = bucket_arn(bucket.name);
  out.access_point_alias = false;
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteBucket, S3& s3, const Caller&, DeleteBucketRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_CHECK(co_await s3.store.remove_bucket(input.bucket));
  TARN_CO_CHECK(s3.settings.refresh(input.bucket));
  co_return wire::Unit();
}

Task<Result<GetBucketLocationOutput>> handle(GetBucketLocation, S3& s3, const Caller&,
                                             GetBucketLocationRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  GetBucketLocationOutput out;
  out.location_constraint = bucket.region == kFirstRegion ? std::string() : bucket.region;
  co_return out;
}

}  // namespace tarn::s3
