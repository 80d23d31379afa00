// Plans: what an update would change, told before it does.
#include <gmock/gmock.h>

#include "services/cloudformation/change_sets.h"
#include "services/cloudformation/stacks_fixture.h"

namespace tarn::cloudformation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kThree = R"(
Parameters: {Size: {Type: String, Default: "1"}}
Resources:
  A: {Type: Test::Thing, Properties: {Name: a, Size: !Ref Size}}
  B: {Type: Test::Thing, Properties: {Name: !Sub "of ${A}", Size: !GetAtt A.Size}}
  C: {Type: Test::Thing, Properties: {Ref: !Ref A}}
)";

class PlanTest : public StacksTest {
 protected:
  PlanTest() {
    EXPECT_EQ(create(kThree), "");
    finish();
  }
  // "Modify A False", in the order in which they are found.
  std::vector<std::string> planned(const std::string& text, ParameterTexts parameters = {}) {
    StackChange change = change_to(text);
    change.target.parameters = std::move(parameters);
    auto preview = stacks_->preview(stack(), change);
    EXPECT_TRUE(preview.ok()) << preview.error().message;
    plan_ = std::move(*preview);
    std::vector<std::string> out;
    for (const PlannedChange& each : plan_.changes)
      out.push_back(fmt::format("{} {} {}", each.action, each.name, each.replacement));
    return out;
  }
  [[nodiscard]] static std::string with(std::string text, const std::string& from,
                                        const std::string& to) {
    text.replace(text.find(from), from.size(), to);
    return text;
  }

  StackPreview plan_;
};

TEST_F(PlanTest, IsEmptyWhereNothingChanges) {
  EXPECT_THAT(planned(kThree), IsEmpty());
  EXPECT_TRUE(plan_.is_empty);
}

TEST_F(PlanTest, TellsAParameterAsTheCause) {
  EXPECT_THAT(planned(kThree, {{"Size", "2"}}), ElementsAre("Modify A False"));
  const ChangeDetail& detail = plan_.changes.front().details.front();
  EXPECT_EQ(detail.property, "Size");
  EXPECT_EQ(detail.source, "ParameterReference");
  EXPECT_EQ(detail.cause, "Size");
  EXPECT_EQ(detail.before, "1");
  EXPECT_EQ(detail.after, "2");
}

TEST_F(PlanTest, FollowsWhatIsReplaced) {
  EXPECT_THAT(planned(with(kThree, "Name: a", "Name: other")),
              ElementsAre("Modify A True", "Modify B Conditional", "Modify C False"));
  EXPECT_EQ(plan_.changes[0].details[0].recreation, "Always");
  EXPECT_EQ(plan_.changes[1].details[0].after, "of {{changeSet:KNOWN_AFTER_APPLY}}");
  EXPECT_EQ(plan_.changes[1].details[0].evaluation, "Dynamic");
  EXPECT_EQ(plan_.changes[2].details[0].source, "ResourceReference");
}

TEST_F(PlanTest, TellsWhatComesAndGoes) {
  EXPECT_THAT(planned(with(with(kThree, "  C:", "  D:"), "Ref: !Ref A", "Size: \"1\"")),
              ElementsAre("Add D ", "Remove C "));
  EXPECT_THAT(plan_.changes[0].after, HasSubstr(R"("Size":"1")"));
}

TEST_F(PlanTest, TellsWhatIsSaidOfAResource) {
  EXPECT_THAT(planned(with(kThree, "A: {", "A: {DeletionPolicy: Retain, ")),
              ElementsAre("Modify A False"));
  EXPECT_EQ(plan_.changes[0].details[0].attribute, "DeletionPolicy");
}

TEST_F(PlanTest, IsKeptInAChangeSet) {
  planned(with(kThree, "Name: a", "Name: other")).clear();
  ChangeSetRecord set;
  set.id = "arn:aws:cloudformation:us-west-2:111122223333:changeSet/c/1";
  set.name = "c";
  set.stack_id = stack()->id;
  set.target = static_cast<const StackState&>(*stack());
  set.changes = plan_.changes;
  set.role_arn = "arn:role";
  const auto read = decode_change_set(encode(set));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(encode(*read), encode(set));
  EXPECT_FALSE(decode_change_set("{}").ok());
}

}  // namespace
}  // namespace tarn::cloudformation
