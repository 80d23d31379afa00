#include "services/logs/writer.h"

#include <algorithm>
#include <utility>

#include "base/ids.h"
#include "services/logs/names.h"

namespace tarn::logs {
namespace {

constexpr std::int64_t kLongestSpanMs = 24LL * 3600 * 1000;
constexpr auto kLongestLine = static_cast<std::size_t>(kMostBytes - kEventOverhead);

// Where a line of at most `longest` bytes may be cut: not within a character.
std::size_t cut_of(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text.size();
  std::size_t at = longest;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
  return at == 0 ? longest : at;
}

}  // namespace

std::vector<std::vector<NewEvent>> batches_of(std::vector<LogLine> lines) {
  std::stable_sort(lines.begin(), lines.end(),
                   [](const LogLine& one, const LogLine& other) { return one.at < other.at; });
  std::vector<std::vector<NewEvent>> out;
  std::int64_t bytes = 0;
  for (LogLine& line : lines) {
    std::string_view rest = line.text;
    while (!rest.empty()) {
      const std::size_t cut = cut_of(rest, kLongestLine);
      const auto size = static_cast<std::int64_t>(cut) + kEventOverhead;
      const bool fits = !out.empty() && out.back().size() < kMostEvents &&
                        bytes + size <= kMostBytes &&
                        line.at.ms - out.back().front().at.ms <= kLongestSpanMs;
      if (!fits) {
        out.emplace_back();
        bytes = 0;
      }
      out.back().push_back({line.at, std::string(rest.substr(0, cut))});
      bytes += size;
      rest.remove_prefix(cut);
    }
  }
  return out;
}

Task<Status> Writer::append(Caller caller, std::string group, std::string stream,
                            std::vector<LogLine> lines) {
  TARN_CO_CHECK(check_group_name(group));
  TARN_CO_CHECK(check_stream_name(stream));
  const std::string arn = make_arn("logs", caller.region, caller.account_id,
                                   "log-group:" + group + ":log-stream:" + stream);
  TARN_CO_CHECK(authorizer_.check(caller, "logs:PutLogEvents", arn));
  auto batches = batches_of(std::move(lines));
  if (batches.empty()) co_return Status();
  auto work = [&] {
    return append_now(caller, group, stream, std::move(batches));
  };
  co_return co_await platform_.tasks.offload(work);
}

Result<std::shared_ptr<Group>> Writer::find_or_create(const Caller& caller,
                                                      const std::string& name) {
  if (auto found = groups_.find(caller.account_id, caller.region, name)) return found;
  const std::string arn =
      make_arn("logs", caller.region, caller.account_id, "log-group:" + name + ":log-stream:");
  TARN_CHECK(authorizer_.check(caller, "logs:CreateLogGroup", arn));
  GroupRecord record;
  record.account = caller.account_id;
  record.region = caller.region;
  record.name = name;
  record.created = platform_.clock.now();
  auto made = groups_.create(std::move(record));
  if (made.ok() || !made.error().is("ResourceAlreadyExistsException")) return made;
  // Another was first.
  if (auto found = groups_.find(caller.account_id, caller.region, name)) return found;
  return no_such_group();
}

Status Writer::append_now(const Caller& caller, const std::string& group_name,
                          const std::string& stream, std::vector<std::vector<NewEvent>> batches) {
  TARN_TRY(const std::shared_ptr<Group> group, find_or_create(caller, group_name));
  const auto found = streams_.find(*group, stream);
  if (!found.ok()) {
    if (!found.error().is("ResourceNotFoundException")) return found.error();
    const std::string arn = group->record()->arn() + ":log-stream:" + stream;
    TARN_CHECK(authorizer_.check(caller, "logs:CreateLogStream", arn));
    const Status made = streams_.create(*group, stream, platform_.clock.now());
    if (!made.ok() && !made.error().is("ResourceAlreadyExistsException")) return made;
  }
  for (std::vector<NewEvent>& batch : batches) {
    TARN_TRY([[maybe_unused]] const Refused refused,
             events_.append(*group, stream, std::move(batch), platform_.clock.now()));
  }
  return {};
}

}  // namespace tarn::logs
