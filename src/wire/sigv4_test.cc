// The examples of AWS's own documentation, number by number:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and
// sigv4-query-string-auth.html.
#include "wire/sigv4.h"

#include <gtest/gtest.h>

#include "wire/dates.h"
#include "wire/digest.h"
#include "wire/encoding.h"

namespace tarn::wire {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Request get_object() {
  Request request;
  request.method = "GET";
  request.path = "/test.txt";
  request.headers.add("Host", "examplebucket.s3.amazonaws.com");
  request.headers.add("Range", "bytes=0-9");
  request.headers.add("x-amz-content-sha256", std::string(kEmptyHash));
  request.headers.add("x-amz-date", "20130524T000000Z");
  request.headers.add(
      "Authorization",
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
      "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
      "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  return request;
}

TEST(Sigv4, ReadsTheSignatureOfAHeader) {
  const Request request = get_object();
  const auto found = find_signature(request);
  ASSERT_TRUE(found.ok());
  ASSERT_TRUE(found->has_value());
  const Signature& signature = **found;
  EXPECT_EQ(signature.access_key_id, "AKIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(signature.scope(), "20130524/us-east-1/s3/aws4_request");
  EXPECT_EQ(signature.signed_headers.size(), 4U);
  EXPECT_FALSE(signature.presigned);
}

TEST(Sigv4, ComputesTheDocumentedGetObjectSignature) {
  const Request request = get_object();
  const auto found = find_signature(request);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(expected_signature(request, **found, kSecret, kEmptyHash), (*found)->value);
}

TEST(Sigv4, ADifferentSecretGivesAnotherSignature) {
  const Request request = get_object();
  const auto found = find_signature(request);
  ASSERT_TRUE(found.ok());
  EXPECT_NE(expected_signature(request, **found, "another", kEmptyHash), (*found)->value);
}

TEST(Sigv4, ComputesTheDocumentedPresignedSignature) {
  Request request;
  request.method = "GET";
  request.path = "/test.txt";
  request.headers.add("Host", "examplebucket.s3.amazonaws.com");
  request.raw_query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-"
      "1%2Fs3%2Faws4_request"
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
  request.query = parse_query(request.raw_query, false);
  const auto found = find_signature(request);
  ASSERT_TRUE(found.ok());
  ASSERT_TRUE(found->has_value());
  EXPECT_TRUE((*found)->presigned);
  EXPECT_EQ((*found)->expires, std::chrono::seconds(86400));
  EXPECT_EQ(expected_signature(request, **found, kSecret, kUnsignedPayload), (*found)->value);
}

TEST(Sigv4, AnAnonymousRequestHasNone) {
  const Request request;
  const auto found = find_signature(request);
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found->has_value());
}

TEST(Sigv4, NamesThePartThatIsMissing) {
  Request request;
  request.headers.add(
      "Authorization",
      "AWS4-HMAC-SHA256 Credential=AKIA/20130524/us-east-1/s3/aws4_request,SignedHeaders=host");
  const auto found = find_signature(request);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, "IncompleteSignature");
  EXPECT_NE(found.error().message.find("no Signature"), std::string::npos);
}

TEST(Sigv4, WhatASignedRequestCarriesIsAccepted) {
  Request request;
  request.method = "POST";
  request.path = "/";
  request.headers.add("Host", "127.0.0.1:4566");
  const Timestamp now = *from_iso8601("2026-11-22T20:00:00Z");
  sign(request, {"AKIATEST", "secret", "token"}, "us-west-2", "kinesis", now, "{}");
  const auto found = find_signature(request);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ((*found)->session_token, "token");
  EXPECT_EQ((*found)->time, now);
  EXPECT_EQ(expected_signature(request, **found, "secret", to_hex(sha256("{}"))), (*found)->value);
}

}  // namespace
}  // namespace tarn::wire
