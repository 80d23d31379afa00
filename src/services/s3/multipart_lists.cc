// ListParts and ListMultipartUploads.
#include <algorithm>

#include "services/s3/lists.h"
#include "services/s3/multipart.h"
#include "services/s3/shapes.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

std::string shown_class(const ObjectHeaders& headers) {
  return headers.storage_class.empty() ? "STANDARD" : headers.storage_class;
}

Part show_part(const StoredPart& part) {
  Part shown;
  shown.part_number = static_cast<std::int32_t>(part.number);
  shown.last_modified = part.last_modified;
  shown.e_tag = quoted_etag(wire::to_hex(part.md5));
  shown.size = static_cast<std::int64_t>(part.size);
  show_checksum(shown, part.checksum, 0);
  return shown;
}

}  // namespace

Task<Result<ListPartsOutput>> handle(ListParts, S3& s3, const Caller&, ListPartsRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_TRY(const std::size_t max_parts, page_size(input.max_parts, "max-parts"));
  const std::int32_t marker = std::clamp(input.part_number_marker.value_or(0), 0, 10'000);
  const UploadName name{input.bucket, input.key, input.upload_id};
  TARN_CO_TRY(const PartPage page,
              s3.uploads.parts(name, static_cast<std::uint32_t>(marker), max_parts));
  ListPartsOutput out;
  out.bucket = input.bucket;
  out.key = input.key;
  out.upload_id = input.upload_id;
  out.part_number_marker = marker;
  out.max_parts = static_cast<std::int32_t>(max_parts);
  out.is_truncated = page.truncated;
  out.next_part_number_marker =
      page.parts.empty() ? 0 : static_cast<std::int32_t>(page.parts.back().number);
  auto& parts = out.parts.emplace();
  for (const StoredPart& part : page.parts) parts.push_back(show_part(part));
  out.initiator.emplace().id = page.upload.initiator;
  out.owner.emplace().id = bucket.owner;
  out.storage_class = shown_class(page.upload.headers);
  if (page.upload.checksum_requested) {
    out.checksum_algorithm = wire::checksum_name(page.upload.checksum_algorithm);
    out.checksum_type = checksum_type(page.upload.checksum_composite);
  }
  co_return out;
}

Task<Result<ListMultipartUploadsOutput>> handle(ListMultipartUploads, S3& s3, const Caller&,
                                                ListMultipartUploadsRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_TRY(const std::size_t max_uploads, page_size(input.max_uploads, "max-uploads"));
  TARN_CO_TRY(const KeyText text, KeyText::of(input.encoding_type));
  UploadQuery query;
  query.bucket = input.bucket;
  query.prefix = input.prefix.value_or("");
  query.delimiter = input.delimiter.value_or("");
  query.key_marker = input.key_marker.value_or("");
  query.id_marker = input.upload_id_marker.value_or("");
  query.max_uploads = max_uploads;
  TARN_CO_TRY(const UploadPage page, s3.uploads.list(query));
  ListMultipartUploadsOutput out;
  out.bucket = input.bucket;
  out.prefix = text(query.prefix);
  if (!query.delimiter.empty()) out.delimiter = text(query.delimiter);
  out.key_marker = text(query.key_marker);
  out.upload_id_marker = query.id_marker;
  out.max_uploads = static_cast<std::int32_t>(max_uploads);
  out.encoding_type = input.encoding_type;
  out.is_truncated = page.truncated;
  if (page.truncated) {
    out.next_key_marker = text(page.next_key);
    out.next_upload_id_marker = page.next_id;
  }
  auto& uploads = out.uploads.emplace();
  for (const StoredUpload& upload : page.uploads) {
    MultipartUpload& shown = uploads.emplace_back();
    shown.key = text(upload.key);
    shown.upload_id = upload.id;
    shown.initiated = upload.initiated;
    shown.storage_class = shown_class(upload.headers);
    shown.initiator.emplace().id = upload.initiator;
    shown.owner.emplace().id = bucket.owner;
    if (!upload.checksum_requested) continue;
    shown.checksum_algorithm = wire::checksum_name(upload.checksum_algorithm);
    shown.checksum_type = checksum_type(upload.checksum_composite);
  }
  auto& prefixes = out.common_prefixes.emplace();
  for (const std::string& prefix : page.common_prefixes) {
    prefixes.emplace_back().prefix = text(prefix);
  }
  co_return out;
}

}  // namespace tarn::s3
