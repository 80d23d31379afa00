// What guards a stack: its policy, and the time that its creation may take.
#include <chrono>

#include "services/cloudformation/stacks_fixture.h"

namespace tarn::cloudformation {
namespace {

using News = std::vector<std::string>;

constexpr const char* kOneThing =
    "{Resources: {A: {Type: 'Test::Thing', Properties: {Size: '1'}}}}";
constexpr const char* kOtherSize =
    "{Resources: {A: {Type: 'Test::Thing', Properties: {Size: '2'}}}}";
constexpr const char* kPolicy =
    R"({"Statement": {"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}})";

class StacksGuardsTest : public StacksTest {
 protected:
  void create_within(const std::string& text, std::int64_t minutes) {
    StackOrder order;
    order.name = "s";
    order.text = text;
    order.timeout_minutes = minutes;
    scheduler_.spawn(create_now(std::move(order)));
    scheduler_.run_for(std::chrono::seconds(1));
  }
};

TEST_F(StacksGuardsTest, ACreationIsRolledBackAfterItsTimeOut) {
  things_.takes_ms = 90'000;
  create_within("{Resources: {A: {Type: 'Test::Thing'}, B: {Type: 'Test::Thing', DependsOn: A}}}",
                1);
  EXPECT_EQ(status(), "CREATE_IN_PROGRESS");
  things_.takes_ms = 10;
  pass(std::chrono::minutes(2));
  EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
  EXPECT_EQ(news(), (News{"s CREATE_IN_PROGRESS", "A CREATE_IN_PROGRESS", "A CREATE_IN_PROGRESS",
                          "A CREATE_FAILED", "s ROLLBACK_IN_PROGRESS", "A DELETE_IN_PROGRESS",
                          "A DELETE_COMPLETE", "s ROLLBACK_COMPLETE"}));
  EXPECT_EQ(stack()->failure, "Stack creation time exceeded the specified timeout. ");
  EXPECT_TRUE(things().empty());
}

TEST_F(StacksGuardsTest, APolicyOutlivesTheServerAndIsPassedOverOnce) {
  EXPECT_EQ(create(kOneThing), "");
  finish();
  EXPECT_EQ(run(stacks_->set_policy(stack(), kPolicy)), "");
  restart_server();
  EXPECT_EQ(update(kOtherSize), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_EQ(size_of("A"), "1");
  StackChange once = change_to(kOtherSize);
  once.policy_during =
      R"({"Statement": {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}})";
  EXPECT_EQ(update(std::move(once)), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_COMPLETE");
  EXPECT_EQ(size_of("A"), "2");
  EXPECT_EQ(stack()->policy, kPolicy);
  EXPECT_EQ(stack()->policy_during, "");
}

TEST_F(StacksGuardsTest, EventsAreCountedOnAfterARestart) {
  EXPECT_EQ(create(kOneThing), "");
  finish();
  const std::size_t before = news().size();
  restart_server();
  EXPECT_EQ(update(kOtherSize), "");
  finish();
  EXPECT_GT(news().size(), 0U);
  EXPECT_EQ(stacks_->events(*stack(), stack()->events, 1000)->size(), stack()->events);
  EXPECT_GT(stack()->events, before);
}

}  // namespace
}  // namespace tarn::cloudformation
