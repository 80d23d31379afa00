// Tags that begin with "aws:": services set them for people, who cannot.
#include "services/kms/kms_fixture.h"
#include "services/kms/request.h"

namespace tarn::kms {
namespace {

using TagTexts = std::map<std::string, std::string>;

TEST(KmsTags, ThoseOfServicesAreNotTheUsers) {
  Caller user;
  Caller stack;
  stack.called_via = "cloudformation.amazonaws.com";
  TagTexts tags;
  const std::vector<Tag> mark = {{"aws:x", "1"}};
  EXPECT_EQ(add_tags(user, mark, tags).error().code, "TagException");
  ASSERT_TRUE(add_tags(stack, mark, tags).ok());
  EXPECT_EQ(add_tags(user, {{"AWS:x", "1"}}, tags).error().code, "TagException");
  EXPECT_EQ(remove_tags(user, {"aws:x"}, tags).error().code, "TagException");
  // They do not count.
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(add_tags(user, {{"k" + std::to_string(i), "v"}}, tags).ok());
  EXPECT_EQ(tags.size(), 51U);
  ASSERT_TRUE(remove_tags(stack, {"aws:x"}, tags).ok());
  EXPECT_FALSE(tags.contains("aws:x"));
}

}  // namespace
}  // namespace tarn::kms
