#include "services/logs/events.h"

#include "services/logs/event_search.h"
#include "services/logs/logs_fixture.h"

namespace tarn::logs {
namespace {

using Strings = std::vector<std::string>;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::int64_t kDay = 24 * 3600;

std::string code_of(const auto& result) {
  return result.ok() ? "" : result.error().code;
}

class EventsTest : public LogsTest {
 protected:
  EventsTest() : group_(make_group("g")) { make_stream(*group_, "s"); }

  SearchPage search_for(SearchQuery query, std::string_view pattern = "") {
    if (query.limit == 0) query.limit = kMostEvents;
    const auto parsed = FilterPattern::parse(pattern).value();
    return search(*records_, *group_, query, parsed).value();
  }
  // All pages, each of `limit`.
  Strings found(SearchQuery query, std::string_view pattern = "") {
    Strings out;
    while (true) {
      SearchPage page = search_for(query, pattern);
      for (const FoundEvent& each : page.events)
        out.push_back(each.stream + ":" + each.event.message);
      if (!page.next) return out;
      query.beyond = page.next;
    }
  }

  std::shared_ptr<Group> group_;
};

TEST_F(EventsTest, EventsAreReadInTheOrderOfTimeThenAsTheyCame) {
  ASSERT_TRUE(append(*group_, "s", {event(5, "b"), event(1, "d")}).ok());
  ASSERT_TRUE(append(*group_, "s", {event(9, "a"), event(5, "c")}).ok());
  EXPECT_EQ(messages(*group_, "s"), (Strings{"a", "b", "c", "d"}));
}

TEST_F(EventsTest, WhatWasAcknowledgedIsThereAfterARestart) {
  ASSERT_TRUE(append(*group_, "s", {event(5, "a")}).ok());
  open();
  group_ = find("g");
  ASSERT_NE(group_, nullptr);
  EXPECT_EQ(group_->bytes, 1 + kEventOverhead);
  ASSERT_TRUE(append(*group_, "s", {event(5, "b")}).ok());
  EXPECT_EQ(messages(*group_, "s"), (Strings{"a", "b"}));
}

TEST_F(EventsTest, ABatchTakesAMebibyteAndNoByteMore) {
  const auto longest = static_cast<std::size_t>(kMostBytes - kEventOverhead);
  EXPECT_TRUE(append(*group_, "s", {event(0, std::string(longest, 'x'))}).ok());
  EXPECT_EQ(code_of(append(*group_, "s", {event(0, std::string(longest + 1, 'x'))})),
            "InvalidParameterException");
}

TEST_F(EventsTest, ABatchOutOfOrderIsRefusedWhole) {
  EXPECT_EQ(code_of(append(*group_, "s", {event(1, "a"), event(2, "b")})),
            "InvalidParameterException");
  EXPECT_EQ(messages(*group_, "s"), Strings());
}

TEST_F(EventsTest, WhatIsTooOldOrTooNewIsRefusedAndTheRestTaken) {
  const auto refused = append(*group_, "s",
                              {event(14 * kDay + 1, "too old"), event(60, "a"), event(-7200, "b"),
                               event(-7201, "too new")});
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->too_old, 1U);
  EXPECT_EQ(refused->expired, 1U);
  EXPECT_EQ(refused->too_new, 3U);
  EXPECT_EQ(messages(*group_, "s"), (Strings{"a", "b"}));
}

TEST_F(EventsTest, FourteenDaysAreNotTooOld) {
  EXPECT_EQ(append(*group_, "s", {event(14 * kDay, "a")})->too_old, 0U);
}

TEST_F(EventsTest, ABatchSpansADayAndNoLonger) {
  EXPECT_TRUE(append(*group_, "s", {event(kDay, "a"), event(0, "b")}).ok());
  EXPECT_EQ(code_of(append(*group_, "s", {event(kDay + 1, "a"), event(0, "b")})),
            "InvalidParameterException");
}

TEST_F(EventsTest, WhatTheGroupDoesNotKeepIsRefused) {
  const auto kept_a_day = make_group("short", 1);
  make_stream(*kept_a_day, "s");
  const auto refused =
      append(*kept_a_day, "s", {event(15 * kDay, "x"), event(kDay + 1, "y"), event(5, "a")});
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->too_old, 1U);
  EXPECT_EQ(refused->expired, 2U);
  EXPECT_EQ(messages(*kept_a_day, "s"), (Strings{"a"}));
}

TEST_F(EventsTest, EventsThatAreOverGoByTheClock) {
  const auto kept_a_day = make_group("short", 1);
  make_stream(*kept_a_day, "s");
  ASSERT_TRUE(append(*kept_a_day, "s", {event(3600, "old"), event(0, "new")}).ok());
  ASSERT_TRUE(append(*group_, "s", {event(3600, "kept")}).ok());
  scheduler_.run_for(hours(23) + minutes(2));
  EXPECT_EQ(messages(*kept_a_day, "s"), (Strings{"new"}));
  const auto stream = logs_->streams().find(*kept_a_day, "s").value();
  EXPECT_EQ(stream.bytes, 3 + kEventOverhead);
  EXPECT_EQ(kept_a_day->bytes, 3 + kEventOverhead);
  scheduler_.run_for(hours(2));
  EXPECT_EQ(messages(*kept_a_day, "s"), Strings());
  EXPECT_EQ(kept_a_day->bytes, 0);
  EXPECT_EQ(messages(*group_, "s"), (Strings{"kept"}));
}

TEST_F(EventsTest, ADeletedGroupTakesAllWithIt) {
  ASSERT_TRUE(append(*group_, "s", {event(0, "a")}).ok());
  ASSERT_TRUE(logs_->groups().drop(*group_).ok());
  EXPECT_EQ(code_of(append(*group_, "s", {event(0, "b")})), "ResourceNotFoundException");
  const auto again = make_group("g");
  EXPECT_EQ(code_of(logs_->streams().find(*again, "s")), "ResourceNotFoundException");
  EXPECT_TRUE(records_->scan(store::Space::kLogs, "e")->empty());
}

TEST_F(EventsTest, ASearchMergesStreamsByTime) {
  make_stream(*group_, "t");
  make_stream(*group_, "u");
  ASSERT_TRUE(append(*group_, "s", {event(9, "1"), event(6, "4"), event(5, "5")}).ok());
  ASSERT_TRUE(append(*group_, "t", {event(8, "2"), event(6, "4"), event(1, "6")}).ok());
  ASSERT_TRUE(append(*group_, "u", {event(7, "3")}).ok());
  const Strings all = {"s:1", "t:2", "u:3", "s:4", "t:4", "s:5", "t:6"};
  for (const std::size_t limit : {1U, 2U, 3U, 7U, 100U}) {
    SearchQuery query;
    query.limit = limit;
    EXPECT_EQ(found(query), all) << limit;
    query.forward = false;
    EXPECT_EQ(found(query), Strings(all.rbegin(), all.rend())) << limit;
  }
  EXPECT_EQ(found({.streams = {"t", "u"}}), (Strings{"t:2", "u:3", "t:4", "t:6"}));
  EXPECT_EQ(found({.prefix = "u"}), (Strings{"u:3"}));
  EXPECT_EQ(found({.from = event(6, "").at, .to = event(5, "").at}),
            (Strings{"s:4", "t:4", "s:5"}));
  EXPECT_EQ(found({}, "4"), (Strings{"s:4", "t:4"}));
}

TEST_F(EventsTest, ASearchOfAStreamThatIsNotThereSaysSo) {
  SearchQuery query{.streams = {"nobody"}, .limit = 1};
  EXPECT_EQ(code_of(search(*records_, *group_, query, FilterPattern())),
            "ResourceNotFoundException");
}

TEST_F(EventsTest, APageHoldsAMebibyte) {
  const std::string half(kMostBytes / 2, 'x');
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(*group_, "s", {event(0, half)}).ok());
  EXPECT_EQ(search_for({}).events.size(), 1U);
  EXPECT_EQ(found({}).size(), 3U);
}

TEST_F(EventsTest, PlacesAreWrittenAsDigits) {
  const Position place{{1'700'000'000'000}, 12, 34};
  EXPECT_EQ(place.to_digits().size(), 56U);
  EXPECT_EQ(Position::from_digits(place.to_digits()), place);
  EXPECT_EQ(Position::from_digits("12"), std::nullopt);
  EXPECT_EQ(Position::from_digits(std::string(56, '-')), std::nullopt);
}

TEST_F(EventsTest, StreamsArePagedByNameAndByTheirLastEvent) {
  for (const char* name : {"a", "b", "c"}) make_stream(*group_, name);
  ASSERT_TRUE(append(*group_, "b", {event(1, "x")}).ok());
  ASSERT_TRUE(append(*group_, "a", {event(5, "x")}).ok());
  const auto names = [&](StreamQuery query) {
    Strings out;
    query.limit = 3;
    while (true) {
      StreamPage page = logs_->streams().list(*group_, query).value();
      for (const auto& stream : page.streams) out.push_back(stream.name);
      if (!page.has_more) return out;
      query.after = page.streams.back();
    }
  };
  EXPECT_EQ(names({}), (Strings{"a", "b", "c", "s"}));
  EXPECT_EQ(names({.descending = true}), (Strings{"s", "c", "b", "a"}));
  EXPECT_EQ(names({.prefix = "b"}), (Strings{"b"}));
  EXPECT_EQ(names({.order = StreamOrder::kLastEvent, .descending = true}),
            (Strings{"b", "a", "s", "c"}));
}

}  // namespace
}  // namespace tarn::logs
