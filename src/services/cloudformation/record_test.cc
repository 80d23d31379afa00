// Records of stacks: those of the first release, which knew no updates, are read.
#include "services/cloudformation/record.h"

#include <gtest/gtest.h>

namespace tarn::cloudformation {
namespace {

TEST(StackRecord, OfTheFirstReleaseIsRead) {
  const auto stack = decode_stack(R"({"format":1,"id":"arn","name":"s","account":"1","region":"r",
      "status":"CREATE_COMPLETE","text":"T","parameters":{"P":"1"},"tags":{"a":"b"},
      "on_failure":"ROLLBACK","outputs":[{"key":"K","value":"V","description":"","export":"E"}],
      "order":["A"],"events":7})");
  ASSERT_TRUE(stack.ok());
  EXPECT_EQ(stack->text, "T");
  EXPECT_EQ(stack->parameters.at("P"), "1");
  EXPECT_EQ(stack->outputs.front().export_name, "E");
  EXPECT_EQ(stack->resources.front().name, "A");
  EXPECT_FALSE(stack->before.has_value());
  const auto resource = decode_resource(R"({"format":1,"name":"A","type":"T","physical_name":"n",
      "physical_id":"i","status":"CREATE_COMPLETE","properties":{"x":1},"needs":["B"],
      "on_delete":1})");
  ASSERT_TRUE(resource.ok());
  EXPECT_EQ(resource->physical_id, "i");
  EXPECT_EQ(resource->on_delete, Disposal::kRetain);
  EXPECT_TRUE(resource->wanted);
  EXPECT_EQ(resource->step, Step::kNone);
}

TEST(StackRecord, OfAnUpdateIsReadAsItWasWritten) {
  StackRecord stack;
  stack.id = "arn";
  stack.before.emplace().text = "old";
  stack.waits = true;
  stack.skipped = {"A"};
  stack.updates = 3;
  EXPECT_EQ(encode(decode_stack(encode(stack)).value()), encode(stack));
  ResourceRecord resource;
  resource.name = "A";
  resource.wanted = false;
  resource.touched = true;
  resource.step = Step::kTaken;
  resource.before.emplace().physical_id = "old";
  resource.leftovers.emplace_back().on_replace = Disposal::kRetain;
  EXPECT_EQ(encode(decode_resource(encode(resource)).value()), encode(resource));
  EXPECT_FALSE(decode_resource("no JSON").ok());
}

}  // namespace
}  // namespace tarn::cloudformation
