// Tags that begin with "aws:": services set them for people, who cannot.
#include <gtest/gtest.h>

#include "services/emr/request.h"

namespace tarn::emr {
namespace {

std::vector<Tag> one_tag(std::string key) {
  std::vector<Tag> out(1);
  out.front().key = std::move(key);
  out.front().value = "v";
  return out;
}

TEST(EmrTags, ThoseOfServicesAreNotTheUsersAndDoNotCount) {
  const Caller user;
  Caller stack;
  stack.called_via = "cloudformation.amazonaws.com";
  std::map<std::string, std::string> tags;
  EXPECT_EQ(add_tags(user, one_tag("aws:x"), tags).error().code, "InvalidRequestException");
  ASSERT_TRUE(add_tags(stack, one_tag("aws:x"), tags).ok());
  EXPECT_EQ(remove_tags(user, {"aws:x"}, tags).error().code, "InvalidRequestException");
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(add_tags(user, one_tag("k" + std::to_string(i)), tags).ok());
  EXPECT_EQ(add_tags(user, one_tag("one-more"), tags).error().code, "InvalidRequestException");
  ASSERT_TRUE(remove_tags(stack, {"aws:x"}, tags).ok());
  EXPECT_EQ(tags.size(), 50U);
}

}  // namespace
}  // namespace tarn::emr
