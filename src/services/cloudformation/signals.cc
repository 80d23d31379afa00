#include "services/cloudformation/signals.h"

#include <utility>

#include <fmt/format.h>

namespace tarn::cloudformation {
namespace {

constexpr int kSignalsFormat = 1;
constexpr std::string_view kSignalsPrefix = "w/";
constexpr std::string_view kSignalsPath = "/_tarn/wait-conditions/";
constexpr std::size_t kPlaceLetters = 40;
constexpr std::string_view kPlaceAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

std::string place_key(const std::string& place) {
  return fmt::format("{}{}", kSignalsPrefix, place);
}

std::string encode_signals(const std::map<std::string, Signal>& signals) {
  Json all = Json::object();
  for (const auto& [id, signal] : signals) {
    all[id] = {{"success", signal.is_success}, {"reason", signal.reason}, {"data", signal.data}};
  }
  return Json{{"format", kSignalsFormat}, {"signals", std::move(all)}}.dump();
}

std::string member_text(const Json& from, const char* name) {
  const auto found = from.find(name);
  if (found == from.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

}  // namespace

Status Signals::load() {
  TARN_TRY(const auto records, store_.scan(store::Space::kCloudFormation, kSignalsPrefix));
  for (const auto& [key, record] : records) {
    const Json from = wire::parse_json(record);
    if (!from.is_object() || from.value("format", 0) != kSignalsFormat)
      return tarn::Error(code::kCorrupt, "cloudformation: a record of signals cannot be read");
    auto& place = places_[key.substr(kSignalsPrefix.size())];
    const Json all = from.value("signals", Json::object());
    for (const auto& [id, each] : all.items())
      place[id] = {each.value("success", true), each.value("reason", ""), each.value("data", "")};
  }
  return {};
}

Task<Status> Signals::keep(std::string place) {
  store::Batch batch;
  batch.put(store::Space::kCloudFormation, place_key(place), encode_signals(places_[place]));
  co_return co_await journal_.commit(std::move(batch));
}

Task<Result<std::string>> Signals::open() {
  std::string place = platform_.random.text(kPlaceLetters, kPlaceAlphabet);
  std::string url = fmt::format("http://{}{}{}", endpoint_host_, kSignalsPath, place);
  TARN_CO_CHECK(co_await open_place(std::move(place)));
  co_return url;
}

Task<Status> Signals::open_place(std::string place) {
  if (places_.contains(place)) co_return Status();
  places_.try_emplace(place);
  co_return co_await keep(std::move(place));
}

std::string Signals::place_of_url(std::string_view url) const {
  const std::size_t at = url.find(kSignalsPath);
  return at == std::string_view::npos ? "" : std::string(url.substr(at + kSignalsPath.size()));
}

const std::map<std::string, Signal>* Signals::find(const std::string& place) const {
  const auto found = places_.find(place);
  return found == places_.end() ? nullptr : &found->second;
}

Task<Status> Signals::add(std::string place, std::string unique_id, Signal signal) {
  const auto found = places_.find(place);
  if (found == places_.end())
    co_return tarn::Error("ValidationError", "No stack waits for a signal there.", 400);
  if (found->second.size() >= kMaxSignals) {
    co_return tarn::Error("ValidationError",
                          fmt::format("More than {} signals came there.", kMaxSignals), 400);
  }
  found->second.emplace(std::move(unique_id), std::move(signal));
  co_return co_await keep(std::move(place));
}

Task<Status> Signals::close(std::string place) {
  if (places_.erase(place) == 0) co_return Status();
  store::Batch batch;
  batch.remove(store::Space::kCloudFormation, place_key(place));
  co_return co_await journal_.commit(std::move(batch));
}

Task<Result<wire::Response>> Signals::serve(gateway::WebRequest request) {
  if (request.method != "PUT")
    co_return tarn::Error("MethodNotAllowed", "Wait conditions are signalled by PUT.", 405);
  std::string place = request.path.size() == 1 ? request.path.front() : "";
  if (!places_.contains(place))
    co_return tarn::Error("NotFound", "There is no wait condition under this URL.", 404);
  const Json said = wire::parse_json(request.content);
  const bool is_signal = said.is_object() && request.content.size() <= kMaxSignalBytes;
  const std::string status = is_signal ? member_text(said, "Status") : "";
  std::string unique_id = is_signal ? member_text(said, "UniqueId") : "";
  if ((status != "SUCCESS" && status != "FAILURE") || unique_id.empty()) {
    co_return tarn::Error("InvalidRequest",
                          fmt::format("A signal is a JSON object of at most {} bytes with Status "
                                      "(SUCCESS or FAILURE), UniqueId, Reason and Data.",
                                      kMaxSignalBytes),
                          400);
  }
  Signal signal{status == "SUCCESS", member_text(said, "Reason"), member_text(said, "Data")};
  TARN_CO_CHECK(co_await add(std::move(place), std::move(unique_id), std::move(signal)));
  co_return wire::Response();
}

}  // namespace tarn::cloudformation
