#include "generator/moment_format.h"

#include <array>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

namespace tarn::generator {

namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

// Formats that stand for others (moment's "en" locale).
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kLongFormats = {{
    {"LTS", "h:mm:ss A"},
    {"LT", "h:mm A"},
    {"LLLL", "dddd, MMMM D, YYYY h:mm A"},
    {"LLL", "MMMM D, YYYY h:mm A"},
    {"LL", "MMMM D, YYYY"},
    {"L", "MM/DD/YYYY"},
    {"llll", "ddd, MMM D, YYYY h:mm A"},
    {"lll", "MMM D, YYYY h:mm A"},
    {"ll", "MMM D, YYYY"},
    {"l", "M/D/YYYY"},
}};

void put(std::string& out, std::int64_t number, int width = 1) {
  fmt::format_to(std::back_inserter(out), "{:0{}}", number, width);
}

// moment's "en" ordinals: 1st 2nd 3rd 4th … 11th 12th 13th … 21st.
void put_ordinal(std::string& out, std::int64_t number) {
  static constexpr std::array<std::string_view, 4> kSuffixes = {"th", "st", "nd", "rd"};
  put(out, number);
  const bool teen = number % 100 / 10 == 1;
  out += !teen && number % 10 < 4 ? kSuffixes[static_cast<std::size_t>(number % 10)] : kSuffixes[0];
}

// Length of a run of one letter at the start of `text`.
std::size_t run_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && text[length] == text[0]) ++length;
  return length;
}

struct WeekOfYear {
  int year;
  int week;
};

// `first_day`: 0 Sunday, 1 Monday. The week that holds January `anchor_day` is week 1 of its year.
WeekOfYear week_of_year(std::chrono::sys_days day, int first_day, unsigned anchor_day) {
  using namespace std::chrono;
  const auto week_start = [&](sys_days of) {
    const int behind = (static_cast<int>(weekday(of).c_encoding()) - first_day + 7) % 7;
    return of - days(behind);
  };
  const auto first_week = [&](year of) {
    return week_start(sys_days(of / January / std::chrono::day(anchor_day)));
  };
  year at = year_month_day(day).year();
  if (day >= first_week(at + years(1))) ++at;
  if (day < first_week(at)) --at;
  return {static_cast<int>(at),
          static_cast<int>((week_start(day) - first_week(at)).count() / 7 + 1)};
}

}  // namespace

struct CalendarTime {
  CalendarTime(Timestamp time, int utc_offset) : utc_ms(time.ms), offset_minutes(utc_offset) {
    using namespace std::chrono;
    const milliseconds local{time.ms + static_cast<std::int64_t>(utc_offset) * 60'000};
    day_number = sys_days(floor<days>(local));
    const year_month_day date(day_number);
    year = static_cast<int>(date.year());
    month = static_cast<int>(static_cast<unsigned>(date.month()));
    day = static_cast<int>(static_cast<unsigned>(date.day()));
    year_day = static_cast<int>((day_number - sys_days(date.year() / January / 1)).count()) + 1;
    week_day = static_cast<int>(weekday(day_number).c_encoding());
    const auto ms = static_cast<int>((local - day_number.time_since_epoch()).count());
    hour = ms / 3'600'000;
    minute = ms / 60'000 % 60;
    second = ms / 1'000 % 60;
    millisecond = ms % 1'000;
  }

  [[nodiscard]] WeekOfYear week() const { return week_of_year(day_number, 0, 1); }
  [[nodiscard]] WeekOfYear iso_week() const { return week_of_year(day_number, 1, 4); }

  std::int64_t utc_ms;
  int offset_minutes;
  std::chrono::sys_days day_number;
  int year = 0, month = 0, day = 0, year_day = 0, week_day = 0;
  int hour = 0, minute = 0, second = 0, millisecond = 0;
};

MomentFormat MomentFormat::compile(std::string_view format) {
  MomentFormat compiled;
  compiled.add_format(format);
  return compiled;
}

void MomentFormat::add_text(std::string_view text) {
  if (steps_.empty() || steps_.back().token != Token::kText)
    steps_.push_back({Token::kText, 0, {}});
  steps_.back().text += text;
}

void MomentFormat::add_format(std::string_view format) {
  while (!format.empty()) {
    if (format[0] == '[') {
      const std::size_t close = format.find(']');
      if (close != std::string_view::npos) {
        add_text(format.substr(1, close - 1));
        format.remove_prefix(close + 1);
        continue;
      }
    }
    bool found = false;
    for (const auto& [name, meaning] : kLongFormats) {
      if (format.starts_with(name)) {
        add_format(meaning);
        format.remove_prefix(name.size());
        found = true;
        break;
      }
    }
    if (found) continue;
    // The longest token at this place: a letter repeated, perhaps with "o" behind it.
    std::size_t length = run_length(format);
    if (format.substr(length).starts_with('o') && add_token(format.substr(0, length + 1))) {
      format.remove_prefix(length + 1);
      continue;
    }
    while (length > 0 && !add_token(format.substr(0, length))) --length;
    if (length == 0) {
      add_text(format.substr(0, 1));
      length = 1;
    }
    format.remove_prefix(length);
  }
}

bool MomentFormat::add_token(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Token>, 56> kTokens = {{
      {"M", Token::kMonth},
      {"MM", Token::kMonth2},
      {"Mo", Token::kMonthOrdinal},
      {"MMM", Token::kMonthShort},
      {"MMMM", Token::kMonthName},
      {"Q", Token::kQuarter},
      {"Qo", Token::kQuarterOrdinal},
      {"D", Token::kDay},
      {"DD", Token::kDay2},
      {"Do", Token::kDayOrdinal},
      {"DDD", Token::kYearDay},
      {"DDDD", Token::kYearDay3},
      {"DDDo", Token::kYearDayOrdinal},
      {"d", Token::kWeekday},
      {"do", Token::kWeekdayOrdinal},
      {"dd", Token::kWeekdayMin},
      {"ddd", Token::kWeekdayShort},
      {"dddd", Token::kWeekdayName},
      {"e", Token::kWeekday},
      {"E", Token::kIsoWeekday},
      {"w", Token::kWeek},
      {"ww", Token::kWeek2},
      {"wo", Token::kWeekOrdinal},
      {"W", Token::kIsoWeek},
      {"WW", Token::kIsoWeek2},
      {"Wo", Token::kIsoWeekOrdinal},
      {"Y", Token::kYear},
      {"YY", Token::kYear2},
      {"YYYY", Token::kYear4},
      {"gg", Token::kWeekYear2},
      {"gggg", Token::kWeekYear4},
      {"GG", Token::kIsoWeekYear2},
      {"GGGG", Token::kIsoWeekYear4},
      {"A", Token::kUpperMeridiem},
      {"a", Token::kLowerMeridiem},
      {"H", Token::kHour24},
      {"HH", Token::kHour24Two},
      {"h", Token::kHour12},
      {"hh", Token::kHour12Two},
      {"k", Token::kHourTo24},
      {"kk", Token::kHourTo24Two},
      {"m", Token::kMinute},
      {"mm", Token::kMinute2},
      {"s", Token::kSecond},
      {"ss", Token::kSecond2},
      {"Z", Token::kOffsetColon},
      {"ZZ", Token::kOffset},
      {"X", Token::kUnixSeconds},
      {"x", Token::kUnixMilliseconds},
      {"S", Token::kFraction},
      {"SS", Token::kFraction},
      {"SSS", Token::kFraction},
      {"SSSS", Token::kFraction},
      {"SSSSS", Token::kFraction},
      {"SSSSSS", Token::kFraction},
      {"SSSSSSSSS", Token::kFraction},
  }};
  for (const auto& [token_name, token] : kTokens) {
    if (token_name != name) continue;
    steps_.push_back({token, static_cast<std::uint32_t>(name.size()), {}});
    if (token == Token::kFraction || token == Token::kUnixMilliseconds) milliseconds_ = true;
    return true;
  }
  return false;
}

void MomentFormat::append(Timestamp time, int utc_offset_minutes, std::string& out) const {
  const CalendarTime at(time, utc_offset_minutes);
  for (const Step& step : steps_) {
    if (!append_clock(step, at, out) && !append_week_or_zone(step, at, out))
      append_step(step, at, out);
  }
}

bool MomentFormat::append_clock(const Step& step, const CalendarTime& at, std::string& out) {
  const int hour12 = at.hour % 12 == 0 ? 12 : at.hour % 12;
  const int hour_to_24 = at.hour == 0 ? 24 : at.hour;
  switch (step.token) {
    case Token::kText: out += step.text; return true;
    case Token::kUpperMeridiem: out += at.hour < 12 ? "AM" : "PM"; return true;
    case Token::kLowerMeridiem: out += at.hour < 12 ? "am" : "pm"; return true;
    case Token::kHour24: put(out, at.hour); return true;
    case Token::kHour24Two: put(out, at.hour, 2); return true;
    case Token::kHour12: put(out, hour12); return true;
    case Token::kHour12Two: put(out, hour12, 2); return true;
    case Token::kHourTo24: put(out, hour_to_24); return true;
    case Token::kHourTo24Two: put(out, hour_to_24, 2); return true;
    case Token::kMinute: put(out, at.minute); return true;
    case Token::kMinute2: put(out, at.minute, 2); return true;
    case Token::kSecond: put(out, at.second); return true;
    case Token::kSecond2: put(out, at.second, 2); return true;
    case Token::kFraction:
      out.append(fmt::format("{:03}000000", at.millisecond), 0, step.digits);
      return true;
    default: return false;
  }
}

bool MomentFormat::append_week_or_zone(const Step& step, const CalendarTime& at, std::string& out) {
  const int offset = at.offset_minutes < 0 ? -at.offset_minutes : at.offset_minutes;
  switch (step.token) {
    case Token::kWeek: put(out, at.week().week); return true;
    case Token::kWeek2: put(out, at.week().week, 2); return true;
    case Token::kWeekOrdinal: put_ordinal(out, at.week().week); return true;
    case Token::kIsoWeek: put(out, at.iso_week().week); return true;
    case Token::kIsoWeek2: put(out, at.iso_week().week, 2); return true;
    case Token::kIsoWeekOrdinal: put_ordinal(out, at.iso_week().week); return true;
    case Token::kWeekYear2: put(out, at.week().year % 100, 2); return true;
    case Token::kWeekYear4: put(out, at.week().year, 4); return true;
    case Token::kIsoWeekYear2: put(out, at.iso_week().year % 100, 2); return true;
    case Token::kIsoWeekYear4: put(out, at.iso_week().year, 4); return true;
    case Token::kOffsetColon:
    case Token::kOffset:
      out.push_back(at.offset_minutes < 0 ? '-' : '+');
      put(out, offset / 60, 2);
      if (step.token == Token::kOffsetColon) out.push_back(':');
      put(out, offset % 60, 2);
      return true;
    case Token::kUnixSeconds: put(out, Timestamp{at.utc_ms}.seconds()); return true;
    case Token::kUnixMilliseconds: put(out, at.utc_ms); return true;
    default: return false;
  }
}

void MomentFormat::append_step(const Step& step, const CalendarTime& at, std::string& out) {
  const std::string_view month = kMonths[static_cast<std::size_t>(at.month - 1)];
  const std::string_view week_day = kWeekdays[static_cast<std::size_t>(at.week_day)];
  switch (step.token) {
    case Token::kMonth: return put(out, at.month);
    case Token::kMonth2: return put(out, at.month, 2);
    case Token::kMonthOrdinal: return put_ordinal(out, at.month);
    case Token::kMonthShort: out += month.substr(0, 3); return;
    case Token::kMonthName: out += month; return;
    case Token::kQuarter: return put(out, (at.month + 2) / 3);
    case Token::kQuarterOrdinal: return put_ordinal(out, (at.month + 2) / 3);
    case Token::kDay: return put(out, at.day);
    case Token::kDay2: return put(out, at.day, 2);
    case Token::kDayOrdinal: return put_ordinal(out, at.day);
    case Token::kYearDay: return put(out, at.year_day);
    case Token::kYearDay3: return put(out, at.year_day, 3);
    case Token::kYearDayOrdinal: return put_ordinal(out, at.year_day);
    case Token::kWeekday: return put(out, at.week_day);
    case Token::kWeekdayOrdinal: return put_ordinal(out, at.week_day);
    case Token::kWeekdayMin: out += week_day.substr(0, 2); return;
    case Token::kWeekdayShort: out += week_day.substr(0, 3); return;
    case Token::kWeekdayName: out += week_day; return;
    case Token::kIsoWeekday: return put(out, at.week_day == 0 ? 7 : at.week_day);
    case Token::kYear2: return put(out, at.year % 100, 2);
    case Token::kYear4: return put(out, at.year, 4);
    default: return put(out, at.year);
  }
}

namespace {

// Takes `digits` digits off the front of `text`.
bool take_number(std::string_view& text, std::size_t digits, int& out) {
  if (text.size() < digits) return false;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + digits, out);
  if (failure != std::errc() || stop != text.data() + digits || out < 0) return false;
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text, std::chrono::sys_days& out) {
  int year = 0, month = 0, day = 0;
  if (!take_number(text, 4, year) || !take(text, '-') || !take_number(text, 2, month) ||
      !take(text, '-') || !take_number(text, 2, day)) {
    return false;
  }
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  out = std::chrono::sys_days(date);
  return date.ok();
}

}  // namespace

bool parse_utc_offset(std::string_view text, int& minutes) {
  minutes = 0;
  if (text == "Z" || text == "z") return true;
  const bool west = text.starts_with('-');
  if (!take(text, '+') && !take(text, '-')) return false;
  int hours = 0, rest = 0;
  if (!take_number(text, 2, hours)) return false;
  take(text, ':');
  if (!text.empty() && !take_number(text, 2, rest)) return false;
  minutes = (west ? -1 : 1) * (hours * 60 + rest);
  return text.empty() && hours <= 14 && rest < 60;
}

bool parse_iso_time(std::string_view text, Timestamp& out) {
  std::chrono::sys_days day;
  if (!take_date(text, day)) return false;
  int hour = 0, minute = 0, second = 0;
  double fraction = 0;
  if (take(text, 'T') || take(text, ' ')) {
    if (!take_number(text, 2, hour) || !take(text, ':') || !take_number(text, 2, minute))
      return false;
    if (take(text, ':') && !take_number(text, 2, second)) return false;
    if (text.starts_with('.')) {
      const std::size_t length = std::min(text.find_first_not_of("0123456789", 1), text.size());
      std::from_chars(text.data(), text.data() + length, fraction);
      text.remove_prefix(length);
    }
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  int offset = 0;
  if (!text.empty() && !parse_utc_offset(text, offset)) return false;
  const std::int64_t days = day.time_since_epoch().count();
  const std::int64_t seconds = days * 86'400 + hour * 3'600 + (minute - offset) * 60 + second;
  out.ms = seconds * 1'000 + static_cast<std::int64_t>(fraction * 1'000 + 0.5);
  return true;
}

}  // namespace tarn::generator
