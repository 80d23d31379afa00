// Where a proxy client's names lead.
#include "gateway/egress.h"

#include <gtest/gtest.h>

namespace tarn::gateway {
namespace {

TEST(Egress, AwsNamesLeadHomeAndOthersAreRefusedUnlessAllowed) {
  const Egress egress({"pypi.org", ".pythonhosted.org"});
  EXPECT_EQ(egress.way("kinesis.us-west-2.amazonaws.com"), Egress::Way::kHome);
  EXPECT_EQ(egress.way("BUCKET.S3.amazonaws.com"), Egress::Way::kHome);
  EXPECT_EQ(egress.way("evil-amazonaws.com"), Egress::Way::kRefused);
  EXPECT_EQ(egress.way("amazonaws.com.evil.org"), Egress::Way::kRefused);
  EXPECT_EQ(egress.way("pypi.org"), Egress::Way::kThrough);
  EXPECT_EQ(egress.way("x.pypi.org"), Egress::Way::kRefused);
  EXPECT_EQ(egress.way("files.pythonhosted.org"), Egress::Way::kThrough);
  EXPECT_EQ(egress.way("127.0.0.1"), Egress::Way::kRefused);
}

TEST(Egress, WholeUrlsAreServedWhereTheyMeanThisServer) {
  const Egress egress({"pypi.org"});
  for (const char* authority : {"s3.us-west-2.amazonaws.com", "localhost", "b.localhost",
                                "127.0.0.1:4566", "169.254.169.254", "[::1]", "tarn.lan:4566"})
    EXPECT_TRUE(egress.serves(authority)) << authority;
  for (const char* authority : {"example.com", "example.com:80", "pypi.org", "deb.debian.org"})
    EXPECT_FALSE(egress.serves(authority)) << authority;
}

}  // namespace
}  // namespace tarn::gateway
