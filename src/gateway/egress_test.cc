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

}  // namespace
}  // namespace tarn::gateway
