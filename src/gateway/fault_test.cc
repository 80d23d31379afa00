// Each service's own words for the same fault.
#include "gateway/fault.h"

#include <gtest/gtest.h>

namespace tarn::gateway {
namespace {

using wire::Protocol;

constexpr wire::OperationError kErrors[] = {{"ResourceNotFoundException", 400}, {"NoSuchKey", 404}};
constexpr wire::Operation kOperation = {.service = "toy", .name = "Get", .errors = kErrors};

TEST(Fault, AWrongSignatureIsWordedByProtocol) {
  EXPECT_EQ(fault(Fault::kWrongSignature, Protocol::kJson, "").code, "InvalidSignatureException");
  EXPECT_EQ(fault(Fault::kWrongSignature, Protocol::kJson, "").http_status, 400);
  EXPECT_EQ(fault(Fault::kWrongSignature, Protocol::kQuery, "").code, "SignatureDoesNotMatch");
  EXPECT_EQ(fault(Fault::kWrongSignature, Protocol::kRestXml, "").http_status, 403);
}

TEST(Fault, DeclaredErrorsGetTheirStatus) {
  bool is_bug = true;
  const Error error = to_public({"NoSuchKey", "gone"}, Protocol::kRestXml, &kOperation, is_bug);
  EXPECT_EQ(error.http_status, 404);
  EXPECT_FALSE(is_bug);
}

TEST(Fault, AnUndeclaredErrorIsABugAndSaysNothingFalse) {
  bool is_bug = false;
  const Error error = to_public({"SomethingElse", "details"}, Protocol::kJson, &kOperation, is_bug);
  EXPECT_EQ(error.code, "InternalFailure");
  EXPECT_EQ(error.http_status, 500);
  EXPECT_TRUE(is_bug);
}

TEST(Fault, AFullDiskIsServiceUnavailable) {
  bool is_bug = false;
  const Error error =
      to_public({code::kDiskFull, "no space"}, Protocol::kJson, &kOperation, is_bug);
  EXPECT_EQ(error.code, "ServiceUnavailable");
  EXPECT_EQ(error.http_status, 503);
}

TEST(Fault, AValidationErrorIsRenamedByProtocol) {
  bool is_bug = false;
  EXPECT_EQ(to_public({"ValidationException", ""}, Protocol::kQuery, nullptr, is_bug).code,
            "ValidationError");
  EXPECT_EQ(to_public({"ValidationException", ""}, Protocol::kRestXml, nullptr, is_bug).code,
            "InvalidArgument");
  EXPECT_EQ(to_public({"ValidationException", ""}, Protocol::kJson, nullptr, is_bug).code,
            "ValidationException");
}

TEST(Fault, BodiesEscapeWhatClientsSent) {
  const Error error("NoSuchKey", "<&\"", 404);
  EXPECT_NE(
      to_response(error, Protocol::kRestXml, nullptr, "id", false).content.find("&lt;&amp;&quot;"),
      std::string::npos);
  EXPECT_NE(to_response(error, Protocol::kJson, nullptr, "id", false).content.find("<&\\\""),
            std::string::npos);
}

}  // namespace
}  // namespace tarn::gateway
