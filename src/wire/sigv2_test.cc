#include "wire/sigv2.h"

#include <gtest/gtest.h>

namespace tarn::wire {
namespace {

// The example of "Query string request authentication alternative" in S3's REST authentication
// page.
TEST(SignatureV2, GivesTheExampleOfTheDocumentation) {
  Request request;
  request.method = "GET";
  request.host = "johnsmith.s3.amazonaws.com";
  request.path = "/photos/puppy.jpg";
  request.query = {{"AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE"},
                   {"Signature", "NpgCjnDzrM+WFzoENXmpNDUsSn8="},
                   {"Expires", "1175139620"}};
  const auto signature = find_signature_v2(request);
  ASSERT_TRUE(signature.ok() && signature->has_value());
  EXPECT_EQ((*signature)->access_key_id, "AKIAIOSFODNN7EXAMPLE");
  EXPECT_EQ((*signature)->time.seconds() + (*signature)->expires.count(), 1175139620);
  EXPECT_EQ(expected_signature_v2(request, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            (*signature)->value);
}

TEST(SignatureV2, MustBeComplete) {
  Request request;
  request.query = {{"AWSAccessKeyId", "A"}, {"Signature", "x"}, {"Expires", "soon"}};
  EXPECT_EQ(find_signature_v2(request).error().code, "AccessDenied");
  request.query = {};
  EXPECT_FALSE(find_signature_v2(request)->has_value());
}

}  // namespace
}  // namespace tarn::wire
