// date.*: now and moments around it.
//
// The Kinesis Data Generator prints date.now and date.utc by moment.js and the other dates as
// JavaScript prints a Date. Beyond it, each of those takes a moment.js format as its last argument.
#include <fmt/format.h>

#include "generator/functions.h"
#include "generator/moment_format.h"

namespace tarn::generator {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

Result<GeneratorPtr> make_now_in(const Call& call, bool utc) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(std::string format, call.text(0, "format", utc ? kUtcIsoFormat : kLocalIsoFormat));
  MomentFormat compiled = MomentFormat::compile(format);
  const std::size_t slot = (*call.time_slots)++;
  const std::int64_t unit_ms = compiled.shows_milliseconds() ? 1 : 1'000;
  return make_generator(
      [compiled = std::move(compiled), slot, unit_ms, utc](RenderState& state, std::string& out) {
        CachedTime& cached = state.times[slot];
        const std::int64_t key = state.now.ms / unit_ms;
        if (cached.key != key) {
          cached.key = key;
          cached.text.clear();
          compiled.append(state.now, utc ? 0 : state.utc_offset_minutes, cached.text);
        }
        out += cached.text;
      });
}

Result<GeneratorPtr> make_now(const Call& call) {
  return make_now_in(call, false);
}
Result<GeneratorPtr> make_utc(const Call& call) {
  return make_now_in(call, true);
}

// The last argument where it is a text: the format of a drawn date.
Result<MomentFormat> date_format(const Call& call, std::size_t index) {
  TARN_TRY(std::string format, call.text(index, "format", kJavaScriptDateFormat));
  return MomentFormat::compile(format);
}

// A time drawn from [now + from_ms, now + to_ms].
Result<GeneratorPtr> make_around(const Call& call, std::size_t format_index, std::int64_t from_ms,
                                 std::int64_t to_ms) {
  TARN_TRY(MomentFormat format, date_format(call, format_index));
  const bool plain = call.find(format_index, "format") == nullptr;
  return make_generator(
      [format = std::move(format), from_ms, to_ms, plain](RenderState& state, std::string& out) {
        const Timestamp at{state.now.ms + state.random.between(from_ms, to_ms)};
        format.append(at, state.utc_offset_minutes, out);
        // JavaScript names the zone; moment.js cannot.
        if (plain && state.utc_offset_minutes == 0) out += " (Coordinated Universal Time)";
      });
}

Result<std::int64_t> span_ms(const Call& call, std::string_view name, std::int64_t otherwise,
                             std::int64_t max, std::int64_t unit_ms) {
  TARN_TRY(const double given, call.number(0, name, static_cast<double>(otherwise)));
  if (!(given > 0) || given > static_cast<double>(max)) {
    return call.fail(call.arguments.at(0).place,
                     fmt::format("\"{}\" must be above 0 and at most {}", name, max));
  }
  return static_cast<std::int64_t>(given * static_cast<double>(unit_ms));
}

Result<GeneratorPtr> make_past(const Call& call) {
  TARN_CHECK(call.at_most(2));
  TARN_TRY(const std::int64_t span, span_ms(call, "years", 1, 1'000, 365 * kDayMs));
  return make_around(call, 1, -span, -1'000);
}

Result<GeneratorPtr> make_future(const Call& call) {
  TARN_CHECK(call.at_most(2));
  TARN_TRY(const std::int64_t span, span_ms(call, "years", 1, 1'000, 365 * kDayMs));
  return make_around(call, 1, 1'000, span);
}

Result<GeneratorPtr> make_recent(const Call& call) {
  TARN_CHECK(call.at_most(2));
  TARN_TRY(const std::int64_t span, span_ms(call, "days", 1, 100'000, kDayMs));
  return make_around(call, 1, -span, -1'000);
}

Result<GeneratorPtr> make_soon(const Call& call) {
  TARN_CHECK(call.at_most(2));
  TARN_TRY(const std::int64_t span, span_ms(call, "days", 1, 100'000, kDayMs));
  return make_around(call, 1, 1'000, span);
}

Result<Timestamp> read_date(const Call& call, std::size_t index, std::string_view name) {
  const Value* value = call.find(index, name);
  if (value == nullptr)
    return call.fail(call.place, "needs two dates: (\"2024-01-01\", \"2024-12-31\")");
  TARN_TRY(std::string text, call.text(index, name, ""));
  Timestamp time;
  if (!parse_iso_time(text, time)) {
    return call.fail(
        value->place,
        fmt::format("\"{}\" is no date such as 2024-03-05 or 2024-03-05T14:07:00Z", text));
  }
  return time;
}

Result<GeneratorPtr> make_between(const Call& call) {
  TARN_CHECK(call.at_most(3));
  TARN_TRY(const Timestamp from, read_date(call, 0, "from"));
  TARN_TRY(const Timestamp to, read_date(call, 1, "to"));
  if (to < from) return call.fail(call.find(1, "to")->place, "the second date is before the first");
  TARN_TRY(MomentFormat format, date_format(call, 2));
  const bool plain = call.find(2, "format") == nullptr;
  return make_generator(
      [format = std::move(format), from, to, plain](RenderState& state, std::string& out) {
        format.append({state.random.between(from.ms, to.ms)}, state.utc_offset_minutes, out);
        if (plain && state.utc_offset_minutes == 0) out += " (Coordinated Universal Time)";
      });
}

constexpr Function kDateFunctions[] = {
    {"date.now", make_now},       {"date.utc", make_utc},       {"date.past", make_past},
    {"date.future", make_future}, {"date.recent", make_recent}, {"date.between", make_between},
    {"date.soon", make_soon},
};

}  // namespace

std::span<const Function> date_functions() {
  return kDateFunctions;
}

}  // namespace tarn::generator
