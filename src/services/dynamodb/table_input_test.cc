// Tags of tables that begin with "aws:": services set them for people, who cannot.
#include "services/dynamodb/table_input.h"

#include <gtest/gtest.h>

namespace tarn::dynamodb {
namespace {

TEST(TableTags, ThoseOfServicesAreNotTheUsersAndDoNotCount) {
  const Caller user;
  Caller stack;
  stack.called_via = "cloudformation.amazonaws.com";
  TableRecord table;
  const std::vector<Tag> mark = {{"aws:x", "1"}};
  EXPECT_EQ(add_tags(user, mark, table).error().code, "ValidationException");
  ASSERT_TRUE(add_tags(stack, mark, table).ok());
  EXPECT_EQ(check_tag_key(user, "aws:x").error().code, "ValidationException");
  for (int i = 0; i < 50; ++i) {
    const std::vector<Tag> one = {{"k" + std::to_string(i), "v"}};
    ASSERT_TRUE(add_tags(user, one, table).ok());
  }
  EXPECT_EQ(add_tags(user, {{"one-more", "v"}}, table).error().code, "ValidationException");
}

}  // namespace
}  // namespace tarn::dynamodb
