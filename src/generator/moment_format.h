// MomentFormat: moment.js format strings, compiled.
//
// Place: generator. Tokens as in https://momentjs.com/docs/#/displaying/format/ with its English
// locale; text in [brackets] and letters that are no token stand as they are, as in moment.js.
// Threads: constant after compile(); safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/clock.h"

namespace tarn::generator {

// moment().format(): "2024-03-05T14:07:09+01:00".
inline constexpr std::string_view kLocalIsoFormat = "YYYY-MM-DDTHH:mm:ssZ";
// moment.utc().format(): "2024-03-05T13:07:09Z".
inline constexpr std::string_view kUtcIsoFormat = "YYYY-MM-DDTHH:mm:ss[Z]";
// What JavaScript prints for a Date: "Tue Mar 05 2024 14:07:09 GMT+0100".
inline constexpr std::string_view kJavaScriptDateFormat = "ddd MMM DD YYYY HH:mm:ss [GMT]ZZ";

struct CalendarTime;

class MomentFormat {
 public:
  // Any text is a format; there are no errors.
  [[nodiscard]] static MomentFormat compile(std::string_view format);

  // Appends `time` as seen `utc_offset_minutes` east of Greenwich.
  void append(Timestamp time, int utc_offset_minutes, std::string& out) const;

  // Whether two times within one second can read differently.
  [[nodiscard]] bool shows_milliseconds() const { return milliseconds_; }

 private:
  enum class Token : std::uint8_t {
    kText,
    kMonth,
    kMonth2,
    kMonthOrdinal,
    kMonthShort,
    kMonthName,
    kQuarter,
    kQuarterOrdinal,
    kDay,
    kDay2,
    kDayOrdinal,
    kYearDay,
    kYearDay3,
    kYearDayOrdinal,
    kWeekday,
    kWeekdayOrdinal,
    kWeekdayMin,
    kWeekdayShort,
    kWeekdayName,
    kIsoWeekday,
    kWeek,
    kWeek2,
    kWeekOrdinal,
    kIsoWeek,
    kIsoWeek2,
    kIsoWeekOrdinal,
    kYear2,
    kYear4,
    kYear,
    kWeekYear2,
    kWeekYear4,
    kIsoWeekYear2,
    kIsoWeekYear4,
    kUpperMeridiem,
    kLowerMeridiem,
    kHour24,
    kHour24Two,
    kHour12,
    kHour12Two,
    kHourTo24,
    kHourTo24Two,
    kMinute,
    kMinute2,
    kSecond,
    kSecond2,
    kFraction,
    kOffsetColon,
    kOffset,
    kUnixSeconds,
    kUnixMilliseconds
  };
  struct Step {
    Token token;
    std::uint32_t digits = 0;  // of kFraction
    std::string text;          // of kText
  };

  void add_format(std::string_view format);
  void add_text(std::string_view text);
  bool add_token(std::string_view name);
  static void append_step(const Step& step, const CalendarTime& at, std::string& out);
  static bool append_week_or_zone(const Step& step, const CalendarTime& at, std::string& out);
  static bool append_clock(const Step& step, const CalendarTime& at, std::string& out);

  std::vector<Step> steps_;
  bool milliseconds_ = false;
};

// Reads "2024-03-05", "2024-03-05T14:07", "…:09", "….123", each with "Z", "+01:00" or nothing
// (UTC). False where it is none of these.
[[nodiscard]] bool parse_iso_time(std::string_view text, Timestamp& out);

// "+01:00", "-0330", "Z" to minutes. False where it is none of these.
[[nodiscard]] bool parse_utc_offset(std::string_view text, int& minutes);

}  // namespace tarn::generator
