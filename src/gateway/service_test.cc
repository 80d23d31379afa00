#include "gateway/service.h"

#include <memory>
#include <stdexcept>

#include <gtest/gtest.h>

namespace tarn::gateway {
namespace {

struct Room {
  int calls = 0;
};

struct Question {
  std::string text;
};
struct Answer {
  std::string text;
  std::shared_ptr<int> held;
};

struct Ask {
  using Input = Question;
  using Output = Answer;
  static const wire::Operation& operation() {
    static const wire::Schema kSchema{.kind = wire::Kind::kStructure, .name = "Answer"};
    static const wire::Operation kOperation{
        .service = "test", .name = "Ask", .input = &kSchema, .output = &kSchema};
    return kOperation;
  }
};

Task<Result<Answer>> handle(Ask /*tag*/, Room& room, const Caller& caller, Question input) {
  ++room.calls;
  if (input.text == "refuse") co_return Error("Refused", "not today", 400);
  if (input.text == "throw") throw std::runtime_error("a bug");
  co_return Answer{input.text + " " + caller.region, std::make_shared<int>(1)};
}

class ActionTest : public ::testing::Test {
 protected:
  Result<wire::AnyShape> ask(const std::string& text) {
    const Action& action = ActionList<Room, Ask>::table().front();
    wire::AnyShape input = action.make_input();
    input.as<Question>().text = text;
    std::optional<Result<wire::AnyShape>> answer;
    start(action.invoke(&room_, caller_, std::move(input)),
          [&](Result<wire::AnyShape> result) { answer = std::move(result); });
    return *std::move(answer);
  }

  Room room_;
  Caller caller_{.region = "us-west-2"};
};

TEST_F(ActionTest, AnswersWithWhatItsHandlerReturns) {
  const Result<wire::AnyShape> answer = ask("where?");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->as<Answer>().text, "where? us-west-2");
  EXPECT_EQ(answer->schema->name, "Answer");
  EXPECT_EQ(room_.calls, 1);
}

TEST_F(ActionTest, PassesOnWhyItsHandlerRefused) {
  const Result<wire::AnyShape> answer = ask("refuse");
  ASSERT_FALSE(answer.ok());
  EXPECT_TRUE(answer.error().is("Refused"));
}

TEST_F(ActionTest, TheAnswerGoesWithTheLastWhoHoldsIt) {
  std::weak_ptr<int> held;
  {
    const wire::AnyShape answer = *ask("what?");
    held = answer.as<Answer>().held;
    EXPECT_FALSE(held.expired());
  }
  EXPECT_TRUE(held.expired());
}

TEST_F(ActionTest, WhatIsNeverRunLeavesNothing) {
  const Action& action = ActionList<Room, Ask>::table().front();
  {
    [[maybe_unused]] const auto never = action.invoke(&room_, caller_, action.make_input());
  }
  EXPECT_EQ(room_.calls, 0);
}

// What escapes a handler is a bug, which the chain answers as one.
Task<std::string> bug_of(Room& room, const Caller& caller) {
  const Action& action = ActionList<Room, Ask>::table().front();
  wire::AnyShape input = action.make_input();
  input.as<Question>().text = "throw";
  try {
    auto task = action.invoke(&room, caller, std::move(input));
    const auto answer = co_await std::move(task);
    co_return answer.ok() ? "an answer" : answer.error().message;
  } catch (const std::exception& bug) {
    co_return bug.what();
  }
}

TEST_F(ActionTest, AnExceptionReachesWhoAsked) {
  std::string bug;
  start(bug_of(room_, caller_), [&](std::string text) { bug = std::move(text); });
  EXPECT_EQ(bug, "a bug");
}

}  // namespace
}  // namespace tarn::gateway
