// GetObjectAttributes.
#include <algorithm>

#include "services/s3/encryption_headers.h"
#include "services/s3/objects.h"
#include "services/s3/shapes.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t kMaxParts = 1000;

// The parts of an object made by a multipart upload. Only those of a composite checksum are listed
// one by one
// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes_ObjectParts.html).
GetObjectAttributesParts show_parts(const GetObjectAttributesRequest& input,
                                    const OpenObject& object) {
  GetObjectAttributesParts out;
  out.total_parts_count = static_cast<std::int32_t>(object.info.part_count);
  const auto& checksum = object.info.checksum;
  if (!checksum || !checksum->composite) return out;
  const std::int32_t after = std::max(input.part_number_marker.value_or(0), 0);
  const auto limit = static_cast<std::size_t>(
      std::clamp<std::int32_t>(input.max_parts.value_or(kMaxParts), 0, kMaxParts));
  auto& parts = out.parts.emplace();
  out.is_truncated = false;
  out.part_number_marker = after;
  out.max_parts = static_cast<std::int32_t>(limit);
  for (const Segment& segment : object.segments) {
    if (static_cast<std::int32_t>(segment.part_number) <= after) continue;
    if (parts.size() == limit) {
      out.is_truncated = true;
      break;
    }
    ObjectPart& shown = parts.emplace_back();
    shown.part_number = static_cast<std::int32_t>(segment.part_number);
    shown.size = static_cast<std::int64_t>(segment.size);
    show_checksum(shown, {checksum->algorithm, false, segment.checksum}, 0);
  }
  out.next_part_number_marker = parts.empty() ? after : parts.back().part_number.value_or(after);
  return out;
}

void show(const std::string& attribute, const GetObjectAttributesRequest& input,
          const OpenObject& object, GetObjectAttributesOutput& out) {
  const StoredObject& info = object.info;
  if (attribute == "ETag") out.e_tag = info.etag;
  if (attribute == "ObjectSize") out.object_size = static_cast<std::int64_t>(info.size);
  if (attribute == "StorageClass") {
    out.storage_class =
        info.headers.storage_class.empty() ? "STANDARD" : info.headers.storage_class;
  }
  if (attribute == "Checksum" && info.checksum) {
    show_checksum(out.checksum.emplace(), *info.checksum, info.part_count);
  }
  if (attribute == "ObjectParts" && info.part_count > 0) {
    out.object_parts = show_parts(input, object);
  }
}

}  // namespace

Task<Result<GetObjectAttributesOutput>> handle(GetObjectAttributes, S3& s3, const Caller&,
                                               GetObjectAttributesRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_CHECK(refuse_customer_keys(input));
  TARN_CO_TRY(const OpenObject object,
              input.version_id ? s3.store.open_version(input.bucket, input.key, *input.version_id)
                               : s3.store.open(input.bucket, input.key));
  GetObjectAttributesOutput out;
  out.last_modified = object.info.last_modified;
  out.version_id = version_header(bucket, object.info);
  for (const std::string& attribute : input.object_attributes) show(attribute, input, object, out);
  co_return out;
}

}  // namespace tarn::s3
