// Which service, operation and bucket a request means, by its target, scope, host, path and query.
#include "gateway/router.h"

#include <gtest/gtest.h>

namespace tarn::gateway {
namespace {

constexpr wire::KnownOperation kS3Known[] = {
    {"ListBuckets", "GET", "/", ""},
    {"ListDirectoryBuckets", "GET", "/", ""},
    {"ListObjects", "GET", "/{Bucket}", ""},
    {"ListObjectsV2", "GET", "/{Bucket}?list-type=2", ""},
    {"GetBucketVersioning", "GET", "/{Bucket}?versioning", ""},
    {"GetObject", "GET", "/{Bucket}/{Key+}", ""},
    {"ListParts", "GET", "/{Bucket}/{Key+}?uploadId", ""},
    {"PutObject", "PUT", "/{Bucket}/{Key+}", ""},
    {"CopyObject", "PUT", "/{Bucket}/{Key+}", "x-amz-copy-source"},
    {"UploadPart", "PUT", "/{Bucket}/{Key+}?partNumber&uploadId", ""},
    {"UploadPartCopy", "PUT", "/{Bucket}/{Key+}?partNumber&uploadId", "x-amz-copy-source"},
};
constexpr wire::KnownOperation kKinesisKnown[] = {{"PutRecords", "POST", "/", ""}};
constexpr wire::KnownOperation kStsKnown[] = {{"GetCallerIdentity", "POST", "/", ""}};

constexpr wire::ServiceModel kS3 = {.name = "s3",
                                    .signing_name = "s3",
                                    .endpoint_prefix = "s3",
                                    .protocol = wire::Protocol::kRestXml,
                                    .known = kS3Known};
constexpr wire::ServiceModel kKinesis = {.name = "kinesis",
                                         .signing_name = "kinesis",
                                         .endpoint_prefix = "kinesis",
                                         .protocol = wire::Protocol::kJson,
                                         .json_version = "1.1",
                                         .target_prefix = "Kinesis_20131202",
                                         .known = kKinesisKnown};
constexpr wire::ServiceModel kSts = {.name = "sts",
                                     .signing_name = "sts",
                                     .endpoint_prefix = "sts",
                                     .protocol = wire::Protocol::kQuery,
                                     .api_version = "2011-06-15",
                                     .known = kStsKnown};

class ModelOnly final : public Service {
 public:
  explicit ModelOnly(const wire::ServiceModel& model) : model_(model) {}
  [[nodiscard]] const wire::ServiceModel& model() const override { return model_; }
  [[nodiscard]] std::span<const Action> actions() const override { return {}; }
  [[nodiscard]] void* room() override { return nullptr; }

 private:
  const wire::ServiceModel& model_;
};

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    router_.add(s3_);
    router_.add(kinesis_);
    router_.add(sts_);
  }

  static wire::Request request(std::string method, std::string path, std::string query,
                               std::string host) {
    wire::Request out;
    out.method = std::move(method);
    out.path = std::move(path);
    out.raw_query = std::move(query);
    out.query = wire::parse_query(out.raw_query, false);
    out.host = std::move(host);
    return out;
  }

  std::string operation(const std::string& method, const std::string& path,
                        const std::string& query, bool copy = false) {
    wire::Request asked = request(method, path, query, "localhost:4566");
    if (copy) asked.headers.add("X-Amz-Copy-Source", "/a/b");
    return router_.find(asked, std::nullopt, {}).operation_name;
  }

  ModelOnly s3_{kS3};
  ModelOnly kinesis_{kKinesis};
  ModelOnly sts_{kSts};
  Router router_;
};

TEST_F(RouterTest, RestOperationsGoByMethodPathQueryAndHeader) {
  EXPECT_EQ(operation("GET", "/", ""), "ListBuckets");
  EXPECT_EQ(operation("GET", "/b", ""), "ListObjects");
  EXPECT_EQ(operation("GET", "/b/", "prefix=a"), "ListObjects");
  EXPECT_EQ(operation("GET", "/b", "list-type=2&prefix=a"), "ListObjectsV2");
  EXPECT_EQ(operation("GET", "/b", "versioning"), "GetBucketVersioning");
  EXPECT_EQ(operation("GET", "/b/k/l", ""), "GetObject");
  EXPECT_EQ(operation("GET", "/b/k", "uploadId=1"), "ListParts");
  EXPECT_EQ(operation("PUT", "/b/k", ""), "PutObject");
  EXPECT_EQ(operation("PUT", "/b/k", "", true), "CopyObject");
  EXPECT_EQ(operation("PUT", "/b/k", "partNumber=1&uploadId=2"), "UploadPart");
  EXPECT_EQ(operation("PUT", "/b/k", "partNumber=1&uploadId=2", true), "UploadPartCopy");
  EXPECT_EQ(operation("PATCH", "/b/k", ""), "");
}

TEST_F(RouterTest, AwsHostsNameServiceRegionAndBucket) {
  const auto route = [&](const std::string& host) {
    return router_.find(request("GET", "/k", "", host), std::nullopt, {});
  };
  EXPECT_EQ(route("bucket.s3.eu-west-1.amazonaws.com").path, "/bucket/k");
  EXPECT_EQ(route("bucket.s3.eu-west-1.amazonaws.com").region, "eu-west-1");
  EXPECT_EQ(route("my.dotted.bucket.s3.amazonaws.com").path, "/my.dotted.bucket/k");
  EXPECT_EQ(route("bucket.s3-us-west-2.amazonaws.com").path, "/bucket/k");
  EXPECT_EQ(route("bucket.s3.dualstack.us-west-2.amazonaws.com").path, "/bucket/k");
  EXPECT_EQ(route("s3.us-west-2.amazonaws.com").path, "/k");
  EXPECT_EQ(route("bucket.s3.localhost:4566").path, "/bucket/k");
  EXPECT_EQ(route("kinesis.us-west-2.amazonaws.com:443").service, &kinesis_);
  EXPECT_EQ(route("lambda.us-west-2.amazonaws.com").service, nullptr);
  EXPECT_EQ(route("lambda.us-west-2.amazonaws.com").service_name, "lambda");
}

TEST_F(RouterTest, TheCredentialScopeWinsOverTheHost) {
  wire::Signature signature;
  signature.service = "sts";
  signature.region = "us-east-1";
  const auto route = router_.find(request("POST", "/", "", "127.0.0.1:4566"), signature,
                                  {{"Action", "GetCallerIdentity"}, {"Version", "2011-06-15"}});
  EXPECT_EQ(route.service, &sts_);
  EXPECT_EQ(route.operation_name, "GetCallerIdentity");
  EXPECT_TRUE(route.known);
  EXPECT_EQ(route.action, nullptr);  // the model has it; nothing implements it here
  EXPECT_EQ(route.region, "us-east-1");
}

TEST_F(RouterTest, TargetsNameJsonOperationsEvenUnsigned) {
  wire::Request asked = request("POST", "/", "", "127.0.0.1:4566");
  asked.headers.add("X-Amz-Target", "Kinesis_20131202.PutRecords");
  const auto route = router_.find(asked, std::nullopt, {});
  EXPECT_EQ(route.service, &kinesis_);
  EXPECT_EQ(route.operation_name, "PutRecords");
  EXPECT_TRUE(route.known);
}

TEST_F(RouterTest, AServiceThatSharesAnothersNameIsNotThatOne) {
  wire::Signature signature;
  signature.service = "kinesis";
  wire::Request asked = request("POST", "/", "", "127.0.0.1:4566");
  asked.headers.add("X-Amz-Target", "KinesisOther_20990101.List");
  const auto route = router_.find(asked, signature, {});
  EXPECT_EQ(route.service, nullptr);
  EXPECT_EQ(route.service_name, "KinesisOther_20990101");
  EXPECT_EQ(route.operation_name, "List");
}

}  // namespace
}  // namespace tarn::gateway
