// Tags that begin with "aws:", in any case: services set them for people, who cannot.
#include <gtest/gtest.h>

#include "services/iam/actions.h"

namespace tarn::iam {
namespace {

TEST(IamTags, ThoseOfServicesAreNotTheUsers) {
  const Caller user;
  Caller stack;
  stack.called_via = "cloudformation.amazonaws.com";
  std::map<std::string, std::string> tags;
  const std::vector<Tag> mark = {{"aws:x", "1"}};
  EXPECT_EQ(add_tags(user, tags, mark).error().code, "InvalidInput");
  ASSERT_TRUE(add_tags(stack, tags, mark).ok());
  const std::vector<Tag> shouted = {{"AWS:X", "2"}};
  EXPECT_EQ(add_tags(user, tags, shouted).error().code, "InvalidInput");
  EXPECT_EQ(remove_tags(user, tags, {"AWS:X"}).error().code, "InvalidInput");
  EXPECT_EQ(tags_of(user, mark).error().code, "InvalidInput");
  EXPECT_EQ(tags.at("aws:x"), "1");
  // They do not count.
  for (int i = 0; i < 50; ++i) {
    const std::vector<Tag> one = {{"k" + std::to_string(i), "v"}};
    ASSERT_TRUE(add_tags(user, tags, one).ok());
  }
  EXPECT_EQ(add_tags(user, tags, {{"one-more", "v"}}).error().code, "LimitExceeded");
}

}  // namespace
}  // namespace tarn::iam
