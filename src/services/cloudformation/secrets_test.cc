// What events do not tell.
#include "services/cloudformation/secrets.h"

#include <gtest/gtest.h>

#include "wire/json_value.h"

namespace tarn::cloudformation {
namespace {

using nlohmann::json;

constexpr const char* kTemplate = R"(
Parameters:
  Word: {Type: String, NoEcho: true}
  Number: {Type: Number, NoEcho: true, Default: 4711}
  Open: {Type: String}
Resources:
  Key: {Type: AWS::KMS::Key}
)";

TEST(SecretsTest, AreHiddenWhereverTheyStand) {
  StackRecord stack;
  stack.text = kTemplate;
  stack.parameters = {{"Word", "hush"}, {"Open", "loud"}};
  const Secrets secrets(stack);
  const json told = secrets.hide(json::parse(
      R"({"a": "hush", "b": ["say hush, hush", "loud"], "c": {"d": 4711, "e": 4712, "f": "4711"}})"));
  EXPECT_EQ(told, json::parse(R"({"a": "****", "b": ["say ****, ****", "loud"],
                                  "c": {"d": "****", "e": 4712, "f": "****"}})"));
}

TEST(SecretsTest, OfBeforeAnUpdateToo) {
  StackRecord stack;
  stack.text = kTemplate;
  stack.parameters = {{"Word", "new"}, {"Open", "loud"}};
  stack.before = stack;
  stack.before->parameters["Word"] = "old";
  EXPECT_EQ(Secrets(stack).hide(json("old or new")), json("**** or ****"));
}

TEST(SecretsTest, AnEmptyOneHidesNothing) {
  StackRecord stack;
  stack.text = kTemplate;
  stack.parameters = {{"Word", ""}, {"Number", ""}, {"Open", ""}};
  EXPECT_EQ(Secrets(stack).hide(json("text")), json("text"));
}

}  // namespace
}  // namespace tarn::cloudformation
