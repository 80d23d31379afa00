// Tags that begin with "aws:": services set them for people, who cannot.
#include <gtest/gtest.h>

#include "services/ec2/request.h"

namespace tarn::ec2 {
namespace {

Tag one_tag(std::string key) {
  Tag out;
  out.key = std::move(key);
  out.value = "v";
  return out;
}

TEST(Ec2Tags, ThoseOfServicesAreNotTheUsersAndDoNotCount) {
  const Caller user;
  Caller stack;
  stack.called_via = "cloudformation.amazonaws.com";
  std::vector<Tag> tags = {one_tag("aws:x")};
  EXPECT_EQ(check_tags(user, tags).error().code, "InvalidParameterValue");
  EXPECT_TRUE(check_tags(stack, tags).ok());
  for (int i = 0; i < 50; ++i) tags.push_back(one_tag("k" + std::to_string(i)));
  EXPECT_TRUE(check_tags(stack, tags).ok());
  tags.push_back(one_tag("one-more"));
  EXPECT_EQ(check_tags(stack, tags).error().code, "TagLimitExceeded");
}

}  // namespace
}  // namespace tarn::ec2
