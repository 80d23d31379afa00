#include "wire/dates.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

namespace tarn::wire {
namespace {

using std::chrono::sys_days;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
  int year, month, day, weekday, hour, minute, second, millisecond;
};

Parts split(Timestamp time) {
  const std::chrono::sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds(time.ms)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(point - day);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(std::chrono::weekday(day).c_encoding()),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count())};
}

std::optional<Timestamp> join(int year, int month, int day, int hour, int minute, int second,
                              int millisecond) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto days = sys_days(date).time_since_epoch().count();
  return Timestamp{((static_cast<std::int64_t>(days) * 24 + hour) * 60 + minute) * 60'000 +
                   second * 1000 + millisecond};
}

// The number in the `count` digits at `at`; -1 where they are not digits.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

std::string to_iso8601(Timestamp time, bool with_milliseconds) {
  const Parts p = split(time);
  if (with_milliseconds) {
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", p.year, p.month, p.day, p.hour,
                       p.minute, p.second, p.millisecond);
  }
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", p.year, p.month, p.day, p.hour,
                     p.minute, p.second);
}

std::string to_http_date(Timestamp time) {
  const Parts p = split(time);
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[static_cast<std::size_t>(p.weekday)], p.day,
      kMonths[static_cast<std::size_t>(p.month - 1)], p.year, p.hour, p.minute, p.second);
}

std::string to_amz_date(Timestamp time) {
  const Parts p = split(time);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", p.year, p.month, p.day, p.hour, p.minute,
                     p.second);
}

std::optional<Timestamp> from_iso8601(std::string_view text) {
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  if (year < 0 || month < 0 || day < 0 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (text.size() == 10) return join(year, month, day, 0, 0, 0, 0);
  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  const int second = digits(text, 17, 2);
  if (hour < 0 || minute < 0 || second < 0) return std::nullopt;
  std::size_t at = 19;
  double fraction = 0;
  if (at < text.size() && text[at] == '.') {
    double scale = 0.1;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
      fraction += (text[at] - '0') * scale;
  }
  auto time = join(year, month, day, hour, minute, second,
                   static_cast<int>(std::floor(fraction * 1000 + 1e-6)));
  const std::string_view zone = text.substr(at);
  if (!time || zone == "Z" || zone == "z" || zone.empty()) return time;
  const int zone_hour = digits(zone, 1, 2);
  const int zone_minute = zone.size() > 5 ? digits(zone, 4, 2) : digits(zone, 3, 2);
  if ((zone[0] != '+' && zone[0] != '-') || zone_hour < 0 || zone_minute < 0) return std::nullopt;
  const std::chrono::minutes offset(zone_hour * 60 + zone_minute);
  return zone[0] == '+' ? *time - offset : *time + offset;
}

std::optional<Timestamp> from_http_date(std::string_view text) {
  // "Sun, 22 Nov 2026 20:00:00 GMT"
  const std::size_t comma = text.find(", ");
  if (comma == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(comma + 2);
  if (rest.size() < 20) return std::nullopt;
  int month = 0;
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (rest.substr(3, 3) == kMonths[i]) month = static_cast<int>(i) + 1;
  }
  const int day = digits(rest, 0, 2);
  const int year = digits(rest, 7, 4);
  const int hour = digits(rest, 12, 2);
  const int minute = digits(rest, 15, 2);
  const int second = digits(rest, 18, 2);
  if (month == 0 || day < 0 || year < 0 || hour < 0 || minute < 0 || second < 0)
    return std::nullopt;
  return join(year, month, day, hour, minute, second, 0);
}

std::optional<Timestamp> from_amz_date(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  const int year = digits(text, 0, 4);
  const int month = digits(text, 4, 2);
  const int day = digits(text, 6, 2);
  const int hour = digits(text, 9, 2);
  const int minute = digits(text, 11, 2);
  const int second = digits(text, 13, 2);
  if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return std::nullopt;
  return join(year, month, day, hour, minute, second, 0);
}

std::optional<Timestamp> from_epoch_seconds(std::string_view text) {
  double seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failure != std::errc() || end != text.data() + text.size() || !(std::abs(seconds) < 1e13))
    return std::nullopt;
  return Timestamp{std::llround(seconds * 1000)};
}

std::optional<Timestamp> from_any_date(std::string_view text) {
  if (auto time = from_iso8601(text)) return time;
  if (auto time = from_http_date(text)) return time;
  if (auto time = from_amz_date(text)) return time;
  return from_epoch_seconds(text);
}

}  // namespace tarn::wire
