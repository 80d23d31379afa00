// What requests ask for: ranges, copy sources, conditions, bucket names, public objects.
#include <gtest/gtest.h>

#include "services/s3/buckets.h"
#include "services/s3/condition.h"
#include "services/s3/copy_source.h"
#include "services/s3/public_objects.h"
#include "services/s3/range.h"
#include "services/s3/shapes.h"

namespace tarn::s3 {
namespace {

std::string range_text(std::string_view header, std::uint64_t size) {
  const auto range = parse_range(header, size);
  if (!range.ok()) return range.error().code;
  return *range ? content_range(**range, size) : "whole";
}

TEST(Range, OfAnObject) {
  EXPECT_EQ(range_text("bytes=0-9", 100), "bytes 0-9/100");
  EXPECT_EQ(range_text("bytes=90-", 100), "bytes 90-99/100");
  EXPECT_EQ(range_text("bytes=90-1000", 100), "bytes 90-99/100");
  EXPECT_EQ(range_text("bytes=-5", 100), "bytes 95-99/100");
  EXPECT_EQ(range_text("bytes=-500", 100), "bytes 0-99/100");
  EXPECT_EQ(range_text("bytes=0-18446744073709551615", 100), "bytes 0-99/100");
  for (const std::string_view none :
       {"bytes=9-0", "bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,3-4", "lines=0-1", ""}) {
    EXPECT_EQ(range_text(none, 100), "whole") << none;
  }
  EXPECT_EQ(range_text("bytes=100-", 100), "InvalidRange");
  EXPECT_EQ(range_text("bytes=-0", 100), "InvalidRange");
  EXPECT_EQ(range_text("bytes=0-0", 0), "InvalidRange");
}

TEST(Range, OfACopyMustLieWithinTheSource) {
  EXPECT_EQ(parse_copy_range("bytes=5-9", 10)->length, 5U);
  for (const std::string_view bad : {"bytes=5-10", "bytes=5-", "bytes=-5", "5-9", "bytes=9-5"}) {
    EXPECT_EQ(parse_copy_range(bad, 10).error().code, "InvalidArgument") << bad;
  }
}

TEST(CopySource, IsABucketAndAKey) {
  for (const std::string_view text :
       {"b/dir/k%20%2B", "/b/dir/k%20%2B", "/b/dir/k%20%2B?versionId=null"}) {
    const auto source = parse_copy_source(text);
    ASSERT_TRUE(source.ok()) << text;
    EXPECT_EQ(source->bucket, "b");
    EXPECT_EQ(source->key, "dir/k +");
  }
  for (const std::string_view bad : {"b", "b/", "/b", "/", "", "b/k?versionId=1"}) {
    EXPECT_EQ(parse_copy_source(bad).error().code, "InvalidArgument") << bad;
  }
}

TEST(Condition, EtagsMatchQuotedWeakAndInLists) {
  EXPECT_TRUE(etag_matches("\"abc\"", "abc"));
  EXPECT_TRUE(etag_matches("abc", "abc"));
  EXPECT_TRUE(etag_matches("\"x\", W/\"abc\"", "abc"));
  EXPECT_TRUE(etag_matches("*", "abc"));
  EXPECT_FALSE(etag_matches("\"ab\"", "abc"));
  EXPECT_FALSE(etag_matches("", "abc"));
}

TEST(Condition, AnObjectThatWentMeanwhileIsAConflict) {
  WriteCondition condition;
  condition.if_match = "\"abc\"";
  EXPECT_EQ(check(condition, nullptr, false).error().code, "NoSuchKey");
  EXPECT_EQ(check(condition, nullptr, true).error().code, "ConditionalRequestConflict");
}

TEST(BucketName, FollowsTheRules) {
  for (const std::string_view good : {"abc", "a-b.c1", "1.2.3", "a--b"}) {
    EXPECT_TRUE(is_bucket_name(good)) << good;
  }
  for (const std::string_view bad : {"ab", "A-bucket", "-abc", "abc-", "a..b", "1.2.3.4", "xn--a",
                                     "a_b", "abc-s3alias", "a/b"}) {
    EXPECT_FALSE(is_bucket_name(bad)) << bad;
  }
  EXPECT_TRUE(is_bucket_name(std::string(63, 'a')));
  EXPECT_FALSE(is_bucket_name(std::string(64, 'a')));
}

TEST(PublicObjects, AreFoundInAnyVersion) {
  const PublicObjects objects = tarn_public_objects("/x/connector.jar");
  const std::string bucket = "awslabs-code-us-east-1";
  const std::string folder = "spark-sql-kinesis-connector/";
  const auto* found =
      objects.find(bucket, folder + "spark-streaming-sql-kinesis-connector_2.12-1.0.0.jar");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->path, "/x/connector.jar");
  EXPECT_NE(objects.find(bucket, folder + "other-9.9.jar"), nullptr);
  EXPECT_EQ(objects.find(bucket, folder + "other-9.9.txt"), nullptr);
  EXPECT_EQ(objects.find(bucket, "other.jar"), nullptr);
  EXPECT_EQ(objects.find("other", folder + "other.jar"), nullptr);
}

TEST(ContentEncoding, LosesWhatBelongsToTheTransfer) {
  EXPECT_EQ(without_aws_chunked("aws-chunked"), "");
  EXPECT_EQ(without_aws_chunked("gzip, aws-chunked"), "gzip");
  EXPECT_EQ(without_aws_chunked("aws-chunked,gzip,br"), "gzip,br");
  EXPECT_EQ(without_aws_chunked("gzip"), "gzip");
}

}  // namespace
}  // namespace tarn::s3
