// The aws-chunked body: S3's framing of uploads in chunks, signed or not, with trailing checksums.
//
// Place: wire; the gateway wraps a request's body in it. Threads: as BodySource.
//
//     hex-size[;chunk-signature=64 hex]\r\n data \r\n … 0[;chunk-signature=…]\r\n [name:value\r\n
//     …] \r\n
// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and
// sigv4-streaming-trailers.html)
#pragma once

#include <optional>
#include <string>

#include "wire/body.h"
#include "wire/sigv4.h"

namespace tarn::wire {

// How the chunks of one request are signed.
struct ChunkSigning {
  std::string key;  // signing_key(…)
  std::string amz_date;
  std::string scope;
  std::string seed;  // the request's own signature, which the first chunk's follows
};

struct AwsChunkedOptions {
  std::optional<ChunkSigning> signing;          // none: STREAMING-UNSIGNED-PAYLOAD-TRAILER
  std::optional<std::uint64_t> decoded_length;  // x-amz-decoded-content-length
  bool signed_trailer = false;                  // …-PAYLOAD-TRAILER
  std::string trailer;                          // x-amz-trailer: the one that must come
};

// Errors of next(): IncompleteBody, InvalidChunkSizeError, SignatureDoesNotMatch,
// MalformedTrailerError, and `inner`'s.
[[nodiscard]] Body decode_aws_chunked(Body inner, AwsChunkedOptions options);

// A body whose hex SHA-256 must be `expected_hex` at its end. Error: XAmzContentSHA256Mismatch.
[[nodiscard]] Body expect_sha256(Body inner, std::string expected_hex);

}  // namespace tarn::wire
