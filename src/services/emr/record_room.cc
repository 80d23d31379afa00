#include "services/emr/record_room.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "services/emr/launch.h"
#include "services/iam/session.h"
#include "wire/json_codec.h"
#include "wire/json_value.h"

namespace tarn::emr {
namespace {

using nlohmann::json;

// Of one answer; the rest is asked for.
constexpr std::size_t kMostLogAnswer = std::size_t{1} << 20;

wire::Response json_response(const json& content) {
  wire::Response out;
  out.headers.add("Content-Type", "application/json");
  out.content = content.dump(-1, ' ', false, json::error_handler_t::replace);
  return out;
}

Error no_log(const std::string& name) {
  return {
      "NotFound",
      fmt::format("There is no log {}: master, worker, steps/STEP/stderr, stdout or controller, "
                  "and bootstrap/N/stderr are.",
                  name),
      404};
}

json time_or_null(const std::optional<Timestamp>& time) {
  return time ? json(time->ms) : json(nullptr);
}

json told(const ClusterRecord& cluster) {
  json steps = json::array();
  for (const StepRecord& step : cluster.steps)
    steps.push_back({{"id", step.id}, {"name", step.config.name}, {"state", step.state}});
  return {{"id", cluster.id},
          {"state", cluster.state},
          {"over", cluster.over()},
          {"request", wire::parse_json(wire::to_json(RunJobFlowInput::schema(), &cluster.request))},
          {"created_ms", cluster.created.ms},
          {"ready_ms", time_or_null(cluster.ready)},
          {"ended_ms", time_or_null(cluster.ended)},
          {"steps", std::move(steps)}};
}

// Where a log is: below the cluster's folder, and below its LogUri.
struct LogPlace {
  std::string file;
  std::string object;
};

bool is_run_log(std::string_view name) {
  return name == "stdout" || name == "stderr" || name == "controller";
}

// nullopt: no log has this name. Only names that are known lead to a file.
std::optional<LogPlace> place_of_log(const ClusterRecord& cluster,
                                     const std::vector<std::string>& name) {
  const std::string node = "node/" + instance_of(cluster) + "/";
  if (name.size() == 1 && (name[0] == "master" || name[0] == "worker")) {
    return LogPlace{"/log/" + name[0] + ".log",
                    fmt::format("{}applications/spark/{}.log.gz", node, name[0])};
  }
  if (name.size() != 3 || !is_run_log(name[2])) return std::nullopt;
  if (name[0] == "steps") {
    const bool known = std::any_of(cluster.steps.begin(), cluster.steps.end(),
                                   [&](const StepRecord& step) { return step.id == name[1]; });
    if (!known) return std::nullopt;
    return LogPlace{fmt::format("/steps/{}/{}", name[1], name[2]),
                    fmt::format("steps/{}/{}.gz", name[1], name[2])};
  }
  const auto& actions = cluster.request.bootstrap_actions;
  for (std::size_t i = 0; name[0] == "bootstrap" && actions && i < actions->size(); ++i) {
    if (std::to_string(i + 1) != name[1]) continue;
    return LogPlace{fmt::format("/bootstrap/{}/{}", name[1], name[2]),
                    fmt::format("{}bootstrap-actions/{}/{}.gz", node, name[1], name[2])};
  }
  return std::nullopt;
}

std::int64_t offset_of(const gateway::WebRequest& request) {
  std::int64_t out = 0;
  for (const auto& [name, value] : request.query) {
    if (name == "offset") std::from_chars(value.data(), value.data() + value.size(), out);
  }
  return out;
}

std::uint64_t begin_of(std::int64_t offset, std::uint64_t size) {
  if (offset >= 0) return std::min(static_cast<std::uint64_t>(offset), size);
  const auto back = static_cast<std::uint64_t>(-offset);
  return back > size ? 0 : size - back;
}

struct Piece {
  std::string text;
  std::uint64_t next = 0;
};

// A log that became shorter (its beginning was dropped) is shown from its start. Blocks.
Result<Piece> read_piece(platform::Files& files, const std::string& path, std::int64_t offset) {
  Piece out;
  auto file = files.open(path, platform::OpenMode::kRead);
  if (!file.ok() && file.error().is(code::kNotFound)) return out;
  if (!file.ok()) return std::move(file).error();
  TARN_TRY(const std::uint64_t size, (*file)->size());
  const bool shorter = offset > 0 && static_cast<std::uint64_t>(offset) > size;
  const std::uint64_t begin = shorter ? 0 : begin_of(offset, size);
  TARN_CHECK((*file)->read_at(begin, kMostLogAnswer, out.text));
  out.next = begin + out.text.size();
  return out;
}

}  // namespace

Task<Result<wire::Response>> RecordRoom::serve(gateway::WebRequest request) {
  if (request.caller.kind == Caller::Kind::kAnonymous)
    co_return Error("Unauthorized", "Sign in with HTTP Basic (`tarn env` prints the keys).", 401);
  const bool limited = request.caller.session && !request.caller.session->policies.empty();
  if (request.caller.kind != Caller::Kind::kRoot || limited)
    co_return Error("Forbidden", "Clusters' records are for the account's root.", 403);
  if (request.method != "GET") co_return Error("MethodNotAllowed", "Only GET is served here.", 405);
  if (request.path.empty()) {
    json all = json::array();
    for (const Clusters::Entry& life : emr_.clusters().list(request.caller))
      all.push_back(told(life->cluster()));
    co_return json_response(
        {{"clusters", std::move(all)}, {"now_ms", emr_.platform().clock.now().ms}});
  }
  const Clusters::Entry life = emr_.clusters().find(request.caller, request.path[0]);
  if (!life)
    co_return Error("NotFound", fmt::format("There is no cluster {}.", request.path[0]), 404);
  if (request.path.size() == 1) co_return json_response(told(life->cluster()));
  if (request.path[1] != "logs") co_return Error("NotFound", "Only logs are served here.", 404);
  co_return co_await log(request, life);
}

Task<Result<wire::Response>> RecordRoom::log(const gateway::WebRequest& request,
                                             const Clusters::Entry& life) {
  const std::vector<std::string> name(request.path.begin() + 2, request.path.end());
  const ClusterRecord& cluster = life->cluster();
  const auto place = place_of_log(cluster, name);
  if (!place) co_return no_log(fmt::format("{}", fmt::join(name, "/")));
  const std::int64_t offset = offset_of(request);
  const bool over = cluster.over();
  Piece piece;
  if (!over) {
    const std::string path = folder_of(emr_.options(), cluster) + place->file;
    platform::Files& files = emr_.platform().files;
    const auto read = [&] {
      return read_piece(files, path, offset);
    };
    TARN_CO_TRY(piece, co_await emr_.platform().tasks.offload(read));
  } else {
    const std::string folder = cluster.log_folder();
    if (folder.empty()) {
      co_return Error(
          "NotFound",
          fmt::format("{} has ended, and had no LogUri: its logs went with it.", cluster.id), 404);
    }
    std::string uri = folder + place->object;
    TARN_CO_TRY(const std::string whole, co_await emr_.logs().get(std::move(uri)));
    const std::uint64_t begin = begin_of(offset, whole.size());
    piece.text = whole.substr(begin, kMostLogAnswer);
    piece.next = begin + piece.text.size();
  }
  bool ended = over;
  if (name[0] == "steps") {
    const StepRecord* step = life->cluster().find_step(name[1]);
    ended = ended || (step != nullptr && !step->active());
  }
  co_return json_response({{"text", piece.text}, {"next", piece.next}, {"ended", ended}});
}

}  // namespace tarn::emr
