#include "generator/moment_format.h"

#include <gtest/gtest.h>

namespace tarn::generator {
namespace {

// 2024-03-05T13:07:09.045Z, a Tuesday.
constexpr Timestamp kMoment{1'709'644'029'045};

std::string formatted(std::string_view format, Timestamp time = kMoment,
                      int utc_offset_minutes = 0) {
  std::string out;
  MomentFormat::compile(format).append(time, utc_offset_minutes, out);
  return out;
}

Timestamp at(std::string_view iso) {
  Timestamp time;
  EXPECT_TRUE(parse_iso_time(iso, time)) << iso;
  return time;
}

TEST(MomentFormat, TokensOfTheDate) {
  EXPECT_EQ(formatted("M MM Mo MMM MMMM Q Qo"), "3 03 3rd Mar March 1 1st");
  EXPECT_EQ(formatted("D DD Do DDD DDDD DDDo"), "5 05 5th 65 065 65th");
  EXPECT_EQ(formatted("d do dd ddd dddd e E"), "2 2nd Tu Tue Tuesday 2 2");
  EXPECT_EQ(formatted("Y YY YYYY"), "2024 24 2024");
}

TEST(MomentFormat, TokensOfTheClock) {
  EXPECT_EQ(formatted("H HH h hh k kk A a"), "13 13 1 01 13 13 PM pm");
  EXPECT_EQ(formatted("H HH h hh k kk A a", at("2024-03-05")), "0 00 12 12 24 24 AM am");
  EXPECT_EQ(formatted("m mm s ss S SS SSS SSSSSS"), "7 07 9 09 0 04 045 045000");
  EXPECT_EQ(formatted("X x"), "1709644029 1709644029045");
}

TEST(MomentFormat, OffsetsEastAndWest) {
  EXPECT_EQ(formatted("YYYY-MM-DDTHH:mm:ssZ ZZ", kMoment, -330), "2024-03-05T07:37:09-05:30 -0530");
  EXPECT_EQ(formatted("D HH Z", at("2024-03-05T23:30Z"), 60), "6 00 +01:00");
}

TEST(MomentFormat, WeeksTurnTheirYear) {
  EXPECT_EQ(formatted("GGGG-[W]WW-E", at("2021-01-03")), "2020-W53-7");
  EXPECT_EQ(formatted("GGGG-[W]WW-E", at("2024-12-30")), "2025-W01-1");
  EXPECT_EQ(formatted("gggg w", at("2024-12-29")), "2025 1");
  EXPECT_EQ(formatted("ww wo W Wo GG gg"), "10 10th 10 10th 24 24");
}

TEST(MomentFormat, LongFormats) {
  EXPECT_EQ(formatted("LT|LTS|L|l"), "1:07 PM|1:07:09 PM|03/05/2024|3/5/2024");
  EXPECT_EQ(formatted("LLLL|lll"), "Tuesday, March 5, 2024 1:07 PM|Mar 5, 2024 1:07 PM");
}

TEST(MomentFormat, BracketsAndOtherLettersStand) {
  EXPECT_EQ(formatted("[today is] dddd, T"), "today is Tuesday, T");
  EXPECT_EQ(formatted("YYYY["), "2024[");
}

TEST(MomentFormat, Ordinals) {
  const auto day = [](int number) {
    return formatted("Do", Timestamp{kMoment.ms + (number - 5) * 86'400'000LL});
  };
  EXPECT_EQ(day(1) + day(2) + day(3) + day(4), "1st2nd3rd4th");
  EXPECT_EQ(day(11) + day(12) + day(13), "11th12th13th");
  EXPECT_EQ(day(21) + day(22) + day(23) + day(31), "21st22nd23rd31st");
}

TEST(IsoTime, ReadsWhatIsoWrites) {
  EXPECT_EQ(at("2024-03-05T13:07:09.045Z"), kMoment);
  EXPECT_EQ(at("2024-03-05T14:07:09.045+01:00"), kMoment);
  EXPECT_EQ(at("1969-12-31 23:59:59").ms, -1'000);
  Timestamp time;
  for (const std::string_view wrong :
       {"", "2024", "2024-13-01", "2024-02-30", "2024-03-05T25:00", "2024-03-05X", "05/03/2024"}) {
    EXPECT_FALSE(parse_iso_time(wrong, time)) << wrong;
  }
}

TEST(UtcOffset, ReadsItsForms) {
  int minutes = 0;
  EXPECT_TRUE(parse_utc_offset("-03:30", minutes));
  EXPECT_EQ(minutes, -210);
  EXPECT_TRUE(parse_utc_offset("+0100", minutes));
  EXPECT_EQ(minutes, 60);
  for (const std::string_view wrong : {"", "1", "+1", "+25:00", "+01:99", "+01:000"}) {
    EXPECT_FALSE(parse_utc_offset(wrong, minutes)) << wrong;
  }
}

}  // namespace
}  // namespace tarn::generator
