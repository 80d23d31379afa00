// Tags of buckets: those that begin with "aws:" are not the user's.
#include "services/s3/tags.h"

#include <gtest/gtest.h>

namespace tarn::s3 {
namespace {

// What the caller is told: nothing where he may.
std::string told(const Tags& there, const Tags& wanted, const std::string& called_via = "") {
  Caller caller;
  caller.called_via = called_via;
  const Status checked = check_bucket_tags(caller, show_tags(there), show_tags(wanted));
  return checked.ok() ? "" : checked.error().code + ": " + checked.error().message;
}

const Tags kThere = {{"aws:x", "1"}, {"team", "red"}};
constexpr const char* kStack = "cloudformation.amazonaws.com";

TEST(BucketTags, AUserGivesThoseOfServicesBackAsTheyAre) {
  EXPECT_EQ(told(kThere, {{"aws:x", "1"}}), "");
  EXPECT_EQ(told(kThere, {{"aws:x", "1"}, {"team", "blue"}}), "");
  EXPECT_EQ(told(kThere, {{"team", "red"}}),
            "InvalidTag: System tags cannot be removed by requester");
  for (const Tags& wanted : {Tags{{"aws:x", "2"}}, Tags{{"aws:x", "1"}, {"aws:y", "1"}}}) {
    EXPECT_EQ(told(kThere, wanted), "InvalidTag: System tags cannot be added/updated by requester");
  }
  EXPECT_EQ(told({}, {{"aws:x", "1"}}),
            "InvalidTag: System tags cannot be added/updated by requester");
}

TEST(BucketTags, AServiceSetsAndRemovesThem) {
  EXPECT_EQ(told({}, {{"aws:x", "1"}}, kStack), "");
  EXPECT_EQ(told(kThere, {{"aws:x", "2"}}, kStack), "");
  EXPECT_EQ(told(kThere, {}, kStack), "");
}

TEST(BucketTags, ThoseOfServicesDoNotCount) {
  Tags most = {{"aws:x", "1"}};
  for (std::size_t i = 0; i < kMaxBucketTags; ++i) most.emplace("k" + std::to_string(i), "v");
  EXPECT_EQ(told({}, most, kStack), "");
  most.emplace("one-more", "v");
  EXPECT_EQ(told({}, most, kStack).substr(0, 10), "BadRequest");
}

}  // namespace
}  // namespace tarn::s3
