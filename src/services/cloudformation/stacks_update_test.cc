// Updates of stacks: what changes in place, what is made anew, and what comes back.
#include <algorithm>

#include <gmock/gmock.h>

#include "services/cloudformation/stacks_fixture.h"

namespace tarn::cloudformation {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// B refers to A.
constexpr const char* kPair = R"(
Resources:
  A: {Type: Test::Thing, Properties: {Name: a, Size: "1"}}
  B: {Type: Test::Thing, Properties: {Ref: !Ref A, Size: "1"}}
Outputs: {Id: {Value: !GetAtt A.Id}}
)";

std::string with(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

class UpdateTest : public StacksTest {
 protected:
  void create_pair() {
    EXPECT_EQ(create(kPair), "");
    finish();
    EXPECT_EQ(status(), "CREATE_COMPLETE");
    EXPECT_THAT(things(), ElementsAre("A-1", "B-2"));
    EXPECT_FALSE(news().empty());
    things_.log.clear();
  }
};

TEST_F(UpdateTest, ChangesInPlaceWhatItCan) {
  create_pair();
  EXPECT_EQ(update(with(kPair, "Size: \"1\"", "Size: \"2\"")), "");
  finish();
  EXPECT_THAT(news(),
              ElementsAre("s UPDATE_IN_PROGRESS", "A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE",
                          "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "s UPDATE_COMPLETE"));
  EXPECT_EQ(size_of("A"), "2");
  EXPECT_THAT(things(), ElementsAre("A-1", "B-2"));
  EXPECT_FALSE(stack()->is_busy());
  EXPECT_NE(stack()->updated_ms, 0);
}

TEST_F(UpdateTest, MakesAnotherAndRemovesTheOldOneInTheCleanUp) {
  create_pair();
  EXPECT_EQ(update(with(kPair, "Name: a", "Name: other")), "");
  finish();
  EXPECT_THAT(news(),
              ElementsAre("s UPDATE_IN_PROGRESS", "A UPDATE_IN_PROGRESS", "A UPDATE_IN_PROGRESS",
                          "A UPDATE_COMPLETE", "B UPDATE_IN_PROGRESS", "B UPDATE_COMPLETE",
                          "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "A DELETE_IN_PROGRESS",
                          "A DELETE_COMPLETE", "s UPDATE_COMPLETE"));
  EXPECT_THAT(things(), ElementsAre("A-3", "B-2"));
  EXPECT_EQ(things_.there["B-2"]["Ref"], "A-3");
  EXPECT_EQ(stack()->outputs.front().value, "A-3");
  EXPECT_EQ(stack()->find("A")->status, "UPDATE_COMPLETE");
}

TEST_F(UpdateTest, KeepsWhatItsPolicyRetains) {
  create_pair();
  const std::string kept = with(with(kPair, "Name: a", "Name: other"), "A: {Type",
                                "A: {UpdateReplacePolicy: Retain, Type");
  EXPECT_EQ(update(kept), "");
  finish();
  EXPECT_THAT(news(), Contains("A DELETE_SKIPPED"));
  EXPECT_THAT(things(), ElementsAre("A-1", "A-3", "B-2"));
}

TEST_F(UpdateTest, AddsAndRemoves) {
  create_pair();
  EXPECT_EQ(update("Resources: {A: {Type: Test::Thing, Properties: {Name: a, Size: '1'}}, "
                   "C: {Type: Test::Thing}}"),
            "");
  finish();
  EXPECT_THAT(news(),
              ElementsAre("s UPDATE_IN_PROGRESS", "C CREATE_IN_PROGRESS", "C CREATE_IN_PROGRESS",
                          "C CREATE_COMPLETE", "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                          "B DELETE_IN_PROGRESS", "B DELETE_COMPLETE", "s UPDATE_COMPLETE"));
  EXPECT_THAT(things(), ElementsAre("A-1", "C-3"));
  EXPECT_EQ(id_of("B"), "none");
  EXPECT_THAT(stack()->outputs, IsEmpty());
}

TEST_F(UpdateTest, DoesNothingWhereNothingChanges) {
  create_pair();
  const std::string none = "No updates are to be performed.";
  EXPECT_EQ(update(kPair), none);
  EXPECT_EQ(update(std::string("Description: other words\n") + kPair), none);
  EXPECT_EQ(status(), "CREATE_COMPLETE");
  // Tags, outputs and what is said of a resource are something.
  StackChange tagged = change_to(kPair);
  tagged.target.tags = {{"team", "red"}};
  EXPECT_EQ(update(std::move(tagged)), "");
  finish();
  EXPECT_EQ(things_.log, (std::vector<std::string>{"update A", "update B"}));
  EXPECT_EQ(update(with(kPair, "Id: {Value", "Other: {Value")), "");
  finish();
  EXPECT_EQ(stack()->outputs.front().key, "Other");
  EXPECT_EQ(things_.log.size(), 2U);
}

TEST_F(UpdateTest, RollsBackWhatFails) {
  create_pair();
  things_.fails = "create C";
  const std::string text = with(with(kPair, "Size: \"1\"", "Size: \"2\""),
                                "Outputs:", "  C: {Type: Test::Thing, DependsOn: B}\nOutputs:");
  EXPECT_EQ(update(with(text, "Ref: !Ref A, Size: \"1\"", "Name: b, Ref: !Ref A")), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_THAT(things(), ElementsAre("A-1", "B-2"));
  EXPECT_EQ(size_of("A"), "1");
  EXPECT_EQ(things_.there["B-2"]["Size"], "1");
  EXPECT_EQ(id_of("C"), "none");
  const std::vector<std::string> told = news();
  EXPECT_THAT(told, Contains("C CREATE_FAILED"));
  const auto rollback = std::find(told.begin(), told.end(), "s UPDATE_ROLLBACK_IN_PROGRESS");
  EXPECT_THAT(std::vector<std::string>(rollback, told.end()),
              ElementsAre("s UPDATE_ROLLBACK_IN_PROGRESS", "A UPDATE_IN_PROGRESS",
                          "A UPDATE_COMPLETE", "B UPDATE_IN_PROGRESS", "B UPDATE_COMPLETE",
                          "s UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "C DELETE_IN_PROGRESS",
                          "C DELETE_COMPLETE", "B DELETE_IN_PROGRESS", "B DELETE_COMPLETE",
                          "s UPDATE_ROLLBACK_COMPLETE"));
  // It is as it was: the same update can be tried again.
  EXPECT_EQ(update(kPair), "No updates are to be performed.");
  things_.fails = "";
  EXPECT_EQ(update(text), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_COMPLETE");
}

TEST_F(UpdateTest, SaysWhatFailed) {
  create_pair();
  things_.fails = "update A";
  EXPECT_EQ(update(with(kPair, "Size: \"1\"", "Size: \"2\"")), "");
  pass(std::chrono::milliseconds(15));
  EXPECT_EQ(status(), "UPDATE_ROLLBACK_IN_PROGRESS");
  EXPECT_THAT(stack()->reason, HasSubstr("The following resource(s) failed to update: [A]."));
}

TEST_F(UpdateTest, ThatCannotBeRolledBackWaitsForHelp) {
  create_pair();
  things_.fails = "update A";
  EXPECT_EQ(update(with(kPair, "Size: \"1\"", "Size: \"2\"")), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_ROLLBACK_FAILED");
  EXPECT_THAT(update(kPair),
              HasSubstr("is in UPDATE_ROLLBACK_FAILED state and can not be updated"));
  EXPECT_THAT(run(stacks_->continue_rollback(caller_, stack(), {"B"}, "", "")),
              HasSubstr("B is not in UPDATE_FAILED"));
  things_.fails = "";
  EXPECT_EQ(run(stacks_->continue_rollback(caller_, stack(), {}, "", "")), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_EQ(size_of("A"), "1");
}

TEST_F(UpdateTest, SkipsInARollbackWhatItIsTold) {
  create_pair();
  things_.fails = "update A";
  EXPECT_EQ(update(with(kPair, "Size: \"1\"", "Size: \"2\"")), "");
  finish();
  EXPECT_EQ(run(stacks_->continue_rollback(caller_, stack(), {"A"}, "", "")), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_EQ(stack()->find("A")->properties["Size"], "1");
}

TEST_F(UpdateTest, KeepsAFailureWhereThatIsAsked) {
  create_pair();
  things_.fails = "update B";
  const std::string text =
      with(with(kPair, "Size: \"1\"", "Size: \"2\""), "A, Size: \"1\"", "A, Size: \"2\"");
  StackChange change = change_to(text);
  change.keeps_failure = true;
  EXPECT_EQ(update(std::move(change)), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_FAILED");
  EXPECT_EQ(size_of("A"), "2");
  things_.fails = "";
  EXPECT_EQ(update(text), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_COMPLETE");
  EXPECT_EQ(size_of("B"), "2");
}

TEST_F(UpdateTest, RollsAFailureBackThatWasKept) {
  create_pair();
  things_.fails = "create C";
  const std::string text = with(with(kPair, "Name: a, Size: \"1\"", "Name: other"),
                                "Outputs:", "  C: {Type: Test::Thing, DependsOn: B}\nOutputs:");
  StackChange change = change_to(text);
  change.keeps_failure = true;
  EXPECT_EQ(update(std::move(change)), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_FAILED");
  EXPECT_EQ(id_of("A"), "A-3");
  EXPECT_EQ(run(stacks_->roll_back(caller_, stack(), "", "")), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_THAT(things(), ElementsAre("A-1", "B-2"));
  EXPECT_EQ(things_.there["B-2"]["Ref"], "A-1");
  EXPECT_THAT(run(stacks_->roll_back(caller_, stack(), "", "")), HasSubstr("can not be rolled"));
}

TEST_F(UpdateTest, EndsWithWhatItHasBegunWhenItIsCancelled) {
  create_pair();
  EXPECT_THAT(run(stacks_->cancel(stack())), HasSubstr("CancelUpdateStack cannot be called"));
  EXPECT_EQ(
      update(with(with(kPair, "Size: \"1\"", "Size: \"2\""), "A, Size: \"1\"", "A, Size: \"2\"")),
      "");
  EXPECT_EQ(run(stacks_->cancel(stack())), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_EQ(size_of("A"), "1");
  EXPECT_THAT(things_.log, Not(Contains("update B")));
  EXPECT_FALSE(stack()->is_cancelled);
}

TEST_F(UpdateTest, OfABusyStackOrOfATypeIsRefused) {
  create_pair();
  const std::string text = with(kPair, "Size: \"1\"", "Size: \"2\"");
  EXPECT_EQ(update(text), "");
  EXPECT_THAT(update(text), HasSubstr("is in UPDATE_IN_PROGRESS state and can not be updated."));
  finish();
  EXPECT_THAT(update("Resources: {A: {Type: Test::Thing, Properties: {Nmae: a}}}"),
              HasSubstr("extraneous key [Nmae]"));
  EXPECT_THAT(update("Resources: {A: {Type: Test::Thing, Properties: {Size: !GetAtt A.No}}}"),
              HasSubstr("Circular dependency"));
  EXPECT_EQ(status(), "UPDATE_COMPLETE");
}

TEST_F(UpdateTest, LeavesNothingBehindWhenItsStackIsDeleted) {
  create_pair();
  things_.fails = "update B";
  StackChange change = change_to(with(kPair, "Name: a", "Name: other"));
  change.keeps_failure = true;
  EXPECT_EQ(update(std::move(change)), "");
  finish();
  EXPECT_THAT(things(), ElementsAre("A-1", "A-3", "B-2"));
  EXPECT_EQ(run(stacks_->remove(caller_, stack(), {})), "");
  finish();
  EXPECT_EQ(status(), "DELETE_COMPLETE");
  EXPECT_THAT(things(), IsEmpty());
}

TEST_F(UpdateTest, CannotTakeAnExportAwayThatIsUsed) {
  const std::string exporting = R"(
Resources: {A: {Type: Test::Thing, Properties: {Name: a}}}
Outputs: {Id: {Value: !GetAtt A.Id, Export: {Name: shared}}}
)";
  EXPECT_EQ(create(exporting), "");
  finish();
  StackOrder other;
  other.name = "user";
  other.text = "Resources: {U: {Type: Test::Thing, Properties: {Ref: !ImportValue shared}}}";
  const std::string id = id_;
  scheduler_.spawn(create_now(std::move(other)));
  finish();
  id_ = id;
  EXPECT_EQ(update(with(exporting, "Name: a", "Name: other")), "");
  finish();
  EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_EQ(stack()->failure, "Export shared cannot be updated as it is in use by user");
  EXPECT_EQ(id_of("A"), "A-1");
}

// The server ends again and again, wherever the update is.
TEST_F(UpdateTest, GoesOnWhereItWasCut) {
  const std::string bigger = with(with(kPair, "Name: a", "Name: other"),
                                  "Outputs:", "  C: {Type: Test::Thing, DependsOn: B}\nOutputs:");
  for (const char* fails : {"", "create C"}) {
    for (int cut = 0; cut < 60; cut += 11) {
      things_ = Things();
      EXPECT_EQ(create(kPair), "");
      finish();
      things_.fails = fails;
      EXPECT_EQ(update(bigger), "");
      pass(std::chrono::milliseconds(cut));
      restart_server();
      pass(std::chrono::milliseconds(4));
      restart_server();
      finish();
      const bool done = std::string(fails).empty();
      EXPECT_EQ(status(), done ? "UPDATE_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE") << cut << fails;
      EXPECT_EQ(things_.there.size(), done ? 3U : 2U) << cut << fails;
      EXPECT_EQ(things_.there[id_of("A")]["Name"], done ? "other" : "a") << cut << fails;
      EXPECT_EQ(things_.there[id_of("B")]["Ref"], id_of("A")) << cut << fails;
      EXPECT_EQ(run(stacks_->remove(caller_, stack(), {})), "");
      finish();
      EXPECT_THAT(things(), IsEmpty()) << cut << fails;
      id_.clear();
    }
  }
}

}  // namespace
}  // namespace tarn::cloudformation
