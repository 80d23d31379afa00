// Tags that begin with "aws:": services set them for people, who cannot.
#include <gtest/gtest.h>

#include "services/kinesis/service_fixture.h"

namespace tarn::kinesis {
namespace {

class TagsTest : public ServiceTest {
 protected:
  // As a stack acts for somebody.
  void act_for_a_stack(bool does) {
    caller_.called_via = does ? "cloudformation.amazonaws.com" : "";
  }
  std::string tag(const std::string& key, const std::string& value) {
    AddTagsToStreamInput input;
    input.stream_name = "s";
    input.tags = {{key, value}};
    return code_of(call<AddTagsToStream>(input));
  }
  std::string untag(const std::string& key) {
    RemoveTagsFromStreamInput input;
    input.stream_name = "s";
    input.tag_keys = {key};
    return code_of(call<RemoveTagsFromStream>(input));
  }
  std::map<std::string, std::string> tags() { return stream("s")->state().tags; }
};

TEST_F(TagsTest, AUserNeitherSetsNorChangesNorRemovesThoseOfServices) {
  make_stream("s");
  EXPECT_EQ(tag("aws:x", "1"), "InvalidArgumentException");
  act_for_a_stack(true);
  EXPECT_EQ(tag("aws:x", "1"), "");
  act_for_a_stack(false);
  EXPECT_EQ(tag("aws:x", "2"), "InvalidArgumentException");
  EXPECT_EQ(untag("aws:x"), "InvalidArgumentException");
  EXPECT_EQ(tag("team", "red"), "");
  EXPECT_EQ(tags(), (std::map<std::string, std::string>{{"aws:x", "1"}, {"team", "red"}}));
  act_for_a_stack(true);
  EXPECT_EQ(untag("aws:x"), "");
  EXPECT_EQ(tags(), (std::map<std::string, std::string>{{"team", "red"}}));
}

TEST_F(TagsTest, ThoseOfServicesDoNotCount) {
  make_stream("s");
  act_for_a_stack(true);
  for (const char* key : {"aws:a", "aws:b", "aws:c"}) EXPECT_EQ(tag(key, "1"), "");
  act_for_a_stack(false);
  for (std::size_t i = 0; i < kMaxTags; ++i) EXPECT_EQ(tag("k" + std::to_string(i), "v"), "");
  EXPECT_EQ(tag("one-more", "v"), "InvalidArgumentException");
  EXPECT_EQ(tags().size(), kMaxTags + 3);
}

TEST_F(TagsTest, ANewStreamHasThemOfAServiceAlone) {
  CreateStreamInput input;
  input.stream_name = "s";
  input.shard_count = 1;
  input.tags = std::map<std::string, std::string>{{"aws:x", "1"}};
  EXPECT_EQ(code_of(call<CreateStream>(input)), "InvalidArgumentException");
  act_for_a_stack(true);
  EXPECT_EQ(code_of(call<CreateStream>(input)), "");
  EXPECT_EQ(tags(), *input.tags);
}

}  // namespace
}  // namespace tarn::kinesis
