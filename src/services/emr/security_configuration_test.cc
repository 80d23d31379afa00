// What a security configuration says, and what is none.
#include "services/emr/security_configuration.h"

#include <gtest/gtest.h>

namespace tarn::emr {
namespace {

std::string at_rest(const std::string& s3) {
  return R"({"EncryptionConfiguration": {"EnableInTransitEncryption": false,
    "EnableAtRestEncryption": true, "AtRestEncryptionConfiguration":
    {"S3EncryptionConfiguration": )" +
         s3 + "}}}";
}

TEST(Security, EncryptionInS3IsS3As) {
  const auto by_s3 = read_security(at_rest(R"({"EncryptionMode": "SSE-S3"})"));
  ASSERT_TRUE(by_s3.ok()) << by_s3.error().message;
  EXPECT_EQ(s3a_settings(*by_s3),
            (std::map<std::string, std::string>{{"fs.s3a.encryption.algorithm", "AES256"}}));
  const auto by_kms = read_security(at_rest(R"({"EncryptionMode": "SSE-KMS", "AwsKmsKey": "arn:k",
                  "Overrides": [{"BucketName": "b", "EncryptionMode": "SSE-S3"}]})"));
  ASSERT_TRUE(by_kms.ok()) << by_kms.error().message;
  EXPECT_EQ(s3a_settings(*by_kms), (std::map<std::string, std::string>{
                                       {"fs.s3a.encryption.algorithm", "SSE-KMS"},
                                       {"fs.s3a.encryption.key", "arn:k"},
                                       {"fs.s3a.bucket.b.encryption.algorithm", "AES256"}}));
  EXPECT_EQ(by_kms->not_here, "");
}

TEST(Security, WhatAClusterHereCannotKeepIsNamed) {
  EXPECT_EQ(read_security(at_rest(R"({"EncryptionMode": "CSE-KMS"})"))->not_here,
            "S3EncryptionConfiguration with EncryptionMode CSE-KMS");
  EXPECT_EQ(read_security(R"({"AuthenticationConfiguration": {}})")->not_here,
            "AuthenticationConfiguration");
  EXPECT_EQ(read_security(R"({"InstanceMetadataServiceConfiguration":
                             {"MinimumInstanceMetadataServiceVersion": 2}})")
                ->not_here,
            "");
}

TEST(Security, WhatIsNoneIsRefusedWithWhatToWrite) {
  for (const auto& [text, said] : std::map<std::string, std::string>{
           {"no", "no JSON object"},
           {"{}", "empty"},
           {R"({"Encryption": {}})", "Encryption is no part"},
           {R"({"EncryptionConfiguration": {}})", "EnableInTransitEncryption"},
           {R"({"EncryptionConfiguration": {"EnableInTransitEncryption": false,
               "EnableAtRestEncryption": true}})",
            "AtRestEncryptionConfiguration"},
           {at_rest(R"({"EncryptionMode": "SSE-KMS"})"), "AwsKmsKey"},
           {at_rest(R"({"EncryptionMode": "ROT13"})"), "ROT13"},
           {at_rest(R"({"EncryptionMode": 3})"), "wrong type"}}) {
    const auto read = read_security(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code, "InvalidRequestException");
    EXPECT_NE(read.error().message.find(said), std::string::npos) << read.error().message;
  }
}

}  // namespace
}  // namespace tarn::emr
