#include "services/cloudformation/template_source.h"

#include <gtest/gtest.h>

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kHere = "127.0.0.1:4566";

// "bucket key version", or "none".
std::string parsed(std::string_view url) {
  const auto address = parse_template_url(url, kHere);
  if (!address) return "none";
  return address->bucket + " " + address->key +
         (address->version.empty() ? "" : " " + address->version);
}

TEST(TemplateUrl, IsTakenInEveryPublicForm) {
  EXPECT_EQ(parsed("https://s3.us-west-2.amazonaws.com/b/a/t.yaml"), "b a/t.yaml");
  EXPECT_EQ(parsed("https://s3.amazonaws.com/b/t.yaml"), "b t.yaml");
  EXPECT_EQ(parsed("https://s3-us-west-2.amazonaws.com/b/t.yaml"), "b t.yaml");
  EXPECT_EQ(parsed("https://b.s3.us-west-2.amazonaws.com/a/t.yaml"), "b a/t.yaml");
  EXPECT_EQ(parsed("https://b.s3.amazonaws.com/t.yaml"), "b t.yaml");
  EXPECT_EQ(parsed("https://b.s3-us-west-2.amazonaws.com/t.yaml"), "b t.yaml");
  EXPECT_EQ(parsed("https://my.dotted.bucket.s3.us-west-2.amazonaws.com/t.yaml"),
            "my.dotted.bucket t.yaml");
  EXPECT_EQ(parsed("http://s3.us-west-2.amazonaws.com/b/t.yaml"), "b t.yaml");
  EXPECT_EQ(parsed("s3://b/a/t.yaml"), "b a/t.yaml");
  EXPECT_EQ(parsed("http://127.0.0.1:4566/b/t.yaml"), "b t.yaml");
}

TEST(TemplateUrl, HasAVersionAndEscapes) {
  EXPECT_EQ(parsed("https://s3.amazonaws.com/b/t.yaml?versionId=3%2B"), "b t.yaml 3+");
  EXPECT_EQ(parsed("https://s3.amazonaws.com/b/with%20space.yaml"), "b with space.yaml");
  EXPECT_EQ(parsed("s3://b/t.yaml?versionId=null"), "b t.yaml null");
}

TEST(TemplateUrl, LeadsNowhereElse) {
  for (const char* url :
       {"https://example.com/b/t.yaml", "https://s3.us-west-2.amazonaws.com/b",
        "https://s3.us-west-2.amazonaws.com/", "s3://b", "s3:///t.yaml", "file:///etc/passwd",
        "t.yaml", "", "https://ec2.us-west-2.amazonaws.com/b/t", "https://b.s3.amazonaws.com/"}) {
    EXPECT_EQ(parsed(url), "none") << url;
  }
}

}  // namespace
}  // namespace tarn::cloudformation
