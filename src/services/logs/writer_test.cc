#include "services/logs/writer.h"

#include "services/logs/logs_fixture.h"

namespace tarn::logs {
namespace {

using Strings = std::vector<std::string>;

class WriterTest : public LogsTest {
 protected:
  Status write(std::vector<LogLine> lines, Caller caller) {
    return run(logs_->writer().append(std::move(caller), "/aws/lambda/f", "2026/11/28/[$LATEST]a",
                                      std::move(lines)));
  }
  LogLine line(std::int64_t seconds_ago, std::string text) {
    return {Timestamp{scheduler_.now().ms - seconds_ago * 1000}, std::move(text)};
  }
};

TEST_F(WriterTest, GroupAndStreamAreMadeOnTheWay) {
  ASSERT_TRUE(write({line(1, "b"), line(2, "a"), line(0, "")}, caller_).ok());
  ASSERT_TRUE(write({line(0, "c")}, caller_).ok());
  const auto group = find("/aws/lambda/f");
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(messages(*group, "2026/11/28/[$LATEST]a"), (Strings{"a", "b", "c"}));
}

TEST_F(WriterTest, WhoMayNotWriteWritesNothing) {
  Caller nobody = caller_;
  nobody.kind = Caller::Kind::kUser;
  nobody.arn = "arn:aws:iam::111122223333:user/nobody";
  const Status denied = write({line(0, "a")}, nobody);
  ASSERT_FALSE(denied.ok());
  EXPECT_EQ(denied.error().code, "AccessDenied");
  EXPECT_EQ(find("/aws/lambda/f"), nullptr);
}

TEST_F(WriterTest, NamesAreChecked) {
  const Status wrong = run(logs_->writer().append(caller_, "a b", "s", {line(0, "x")}));
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, "InvalidParameterException");
}

TEST_F(WriterTest, BatchesKeepWhatABatchMayHold) {
  std::vector<LogLine> many(kMostEvents + 1, line(0, "x"));
  EXPECT_EQ(batches_of(many).size(), 2U);
  std::vector<LogLine> long_ones(3, line(0, std::string(kMostBytes / 2, 'x')));
  EXPECT_EQ(batches_of(long_ones).size(), 3U);
  EXPECT_EQ(batches_of({line(25 * 3600, "a"), line(0, "b")}).size(), 2U);
  EXPECT_TRUE(batches_of({line(0, "")}).empty());
}

TEST_F(WriterTest, ALongLineBecomesSeveralEventsCutBetweenCharacters) {
  std::string text(static_cast<std::size_t>(kMostBytes - kEventOverhead) - 1, 'x');
  text += "\xC3\xA4y";
  const auto batches = batches_of({line(0, text)});
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[1][0].message, "\xC3\xA4y");
}

}  // namespace
}  // namespace tarn::logs
