// CreateMultipartUpload, UploadPart, UploadPartCopy, CompleteMultipartUpload, AbortMultipartUpload.
#include "services/s3/multipart.h"

#include <fmt/format.h>

#include "services/s3/copy_source.h"
#include "services/s3/encryption_headers.h"
#include "services/s3/range.h"
#include "services/s3/shapes.h"
#include "services/s3/tags.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

using wire::ChecksumAlgorithm;

// The algorithm and type of the upload's checksum
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html).
// Errors: InvalidRequest, NotImplemented.
Status read_checksum(const CreateMultipartUploadRequest& input, StoredUpload& upload) {
  TARN_TRY(const auto algorithm, find_algorithm(input.checksum_algorithm));
  upload.checksum_requested = algorithm.has_value();
  upload.checksum_algorithm = algorithm.value_or(ChecksumAlgorithm::kCrc64Nvme);
  const bool must_be_whole = upload.checksum_algorithm == ChecksumAlgorithm::kCrc64Nvme;
  upload.checksum_composite = !must_be_whole;
  if (!input.checksum_type) return {};
  if (!algorithm) {
    return tarn::Error("InvalidRequest",
                       "The x-amz-checksum-type header can only be used with the "
                       "x-amz-checksum-algorithm header.");
  }
  const bool composite = *input.checksum_type == checksum_type(true);
  if ((composite && must_be_whole) || (!composite && !wire::is_crc(*algorithm))) {
    return tarn::Error(
        "InvalidRequest",
        fmt::format("The {} checksum type cannot be used with the {} checksum algorithm.",
                    *input.checksum_type, wire::to_lower(wire::checksum_name(*algorithm))));
  }
  upload.checksum_composite = composite;
  return {};
}

Status check_part_number(std::int32_t number) {
  if (number >= 1 && static_cast<std::uint32_t>(number) <= kMaxPartNumber) return {};
  tarn::Error error("InvalidArgument",
                    "Part number must be an integer between 1 and 10000, inclusive");
  error.details.emplace_back("ArgumentName", "partNumber");
  error.details.emplace_back("ArgumentValue", std::to_string(number));
  return error;
}

template <class Input>
UploadName name_of(const Input& input) {
  return {input.bucket, input.key, input.upload_id};
}

Result<UploadCompletion> read_completion(CompleteMultipartUploadRequest& input) {
  UploadCompletion out;
  if (input.multipart_upload && input.multipart_upload->parts) {
    for (const CompletedPart& part : *input.multipart_upload->parts) {
      if (!part.part_number || !part.e_tag) {
        return tarn::Error("MalformedXML",
                           "The XML you provided was not well-formed or did not validate against "
                           "our published schema");
      }
      TARN_CHECK(check_part_number(*part.part_number));
      out.parts.push_back(
          {static_cast<std::uint32_t>(*part.part_number), *part.e_tag, declared_checksums(part)});
    }
  }
  out.condition.if_match = std::move(input.if_match);
  out.condition.if_none_match = std::move(input.if_none_match);
  if (input.mpu_object_size) out.size = static_cast<std::uint64_t>(*input.mpu_object_size);
  out.checksums = declared_checksums(input);
  if (input.checksum_type) out.composite = *input.checksum_type == checksum_type(true);
  return out;
}

}  // namespace

Task<Result<CreateMultipartUploadOutput>> handle(CreateMultipartUpload, S3& s3,
                                                 const Caller& caller,
                                                 CreateMultipartUploadRequest input) {
  TARN_CO_CHECK(refuse_what_is_not_here(input));
  TARN_CO_CHECK(refuse_customer_keys(input));
  TARN_CO_CHECK(check_key(input.key));
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  StoredUpload upload;
  upload.bucket = input.bucket;
  upload.key = input.key;
  upload.initiator = caller.arn;
  TARN_CO_CHECK(read_checksum(input, upload));
  upload.headers = read_headers(input);
  TARN_CO_CHECK(check_headers(upload.headers));
  TARN_CO_TRY(upload.tags, read_tagging_header(input.tagging));
  CreateMultipartUploadOutput out;
  if (upload.checksum_requested) {
    out.checksum_algorithm = wire::checksum_name(upload.checksum_algorithm);
    out.checksum_type = checksum_type(upload.checksum_composite);
  }
  TARN_CO_TRY(EncryptionRequest encryption, read_encryption(input));
  std::optional<Caller> asks = caller;
  TARN_CO_TRY(out.upload_id, co_await s3.uploads.create(std::move(upload), std::move(encryption),
                                                        std::move(asks)));
  TARN_CO_TRY(const StoredUpload created,
              s3.uploads.find({input.bucket, input.key, *out.upload_id}));
  show_encryption(out, created.encryption);
  out.bucket = std::move(input.bucket);
  out.key = std::move(input.key);
  co_return out;
}

Task<Result<UploadPartOutput>> handle(UploadPart, S3& s3, const Caller& caller,
                                      UploadPartRequest input) {
  TARN_CO_CHECK(check_part_number(input.part_number));
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_CHECK(refuse_customer_keys(input));
  TARN_CO_TRY(Integrity integrity, read_integrity(input));
  UploadName name = name_of(input);
  TARN_CO_TRY(const StoredUpload upload, s3.uploads.find(name));
  std::optional<Caller> asks = caller;
  const auto number = static_cast<std::uint32_t>(input.part_number);
  TARN_CO_TRY(const StoredPart part,
              co_await s3.uploads.put_part(std::move(name), number, std::move(input.body),
                                           std::move(integrity), std::move(asks)));
  UploadPartOutput out;
  show_encryption(out, upload.encryption);
  out.e_tag = quoted_etag(wire::to_hex(part.md5));
  show_checksum(out, part.checksum, 0);
  co_return out;
}

Task<Result<UploadPartCopyOutput>> handle(UploadPartCopy, S3& s3, const Caller& caller,
                                          UploadPartCopyRequest input) {
  TARN_CO_CHECK(check_part_number(input.part_number));
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  UploadName name = name_of(input);
  TARN_CO_CHECK(refuse_customer_keys(input));
  TARN_CO_TRY(const StoredUpload upload, s3.uploads.find(name));
  TARN_CO_TRY(const CopySource source, parse_copy_source(input.copy_source));
  TARN_CO_TRY(const OpenObject object,
              open_copy_source(s3, source, copy_condition(input),
                               input.expected_source_bucket_owner, caller));
  ByteRange range{0, object.info.size};
  if (input.copy_source_range) {
    TARN_CO_TRY(range, parse_copy_range(*input.copy_source_range, object.info.size));
  }
  if (range.length > kMaxUploadBytes) {
    co_return tarn::Error("InvalidRequest",
                          "The specified copy source is larger than the maximum allowable size for "
                          "a copy source: 5368709120");
  }
  TARN_CO_TRY(wire::Body body, co_await s3.store.read(object, range.offset, range.length));
  const auto number = static_cast<std::uint32_t>(input.part_number);
  std::optional<Caller> asks = caller;
  TARN_CO_TRY(const StoredPart part,
              co_await s3.uploads.put_part(std::move(name), number, std::move(body), Integrity(),
                                           std::move(asks)));
  UploadPartCopyOutput out;
  show_encryption(out, upload.encryption);
  out.copy_source_version_id = copied_version(s3, source, object.info);
  CopyPartResult& result = out.copy_part_result.emplace();
  result.e_tag = quoted_etag(wire::to_hex(part.md5));
  result.last_modified = part.last_modified;
  show_checksum(result, part.checksum, 0);
  co_return out;
}

Task<Result<CompleteMultipartUploadOutput>> handle(CompleteMultipartUpload, S3& s3,
                                                   const Caller& caller,
                                                   CompleteMultipartUploadRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_TRY(UploadCompletion completion, read_completion(input));
  UploadName name = name_of(input);
  TARN_CO_TRY(const StoredObject object,
              co_await s3.uploads.complete(std::move(name), std::move(completion)));
  CompleteMultipartUploadOutput out;
  out.location = fmt::format("{}://{}/{}/{}", caller.secure ? "https" : "http", caller.host,
                             input.bucket, wire::percent_encode(input.key, true));
  out.e_tag = quoted_etag(object.etag);
  out.version_id = version_header(object);
  out.expiration = expiration_of(s3, input.bucket, input.key, object);
  out.bucket = std::move(input.bucket);
  out.key = std::move(input.key);
  if (object.checksum) show_checksum(out, *object.checksum, object.part_count);
  show_encryption(out, object.encryption);
  co_return out;
}

Task<Result<AbortMultipartUploadOutput>> handle(AbortMultipartUpload, S3& s3, const Caller&,
                                                AbortMultipartUploadRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  UploadName name = name_of(input);
  TARN_CO_CHECK(co_await s3.uploads.abort(std::move(name), input.if_match_initiated_time));
  co_return AbortMultipartUploadOutput();
}

}  // namespace tarn::s3
