#include "services/emr/emr_room.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/emr/notebooks.h"
#include "services/emr/ui_token.h"
#include "wire/encoding.h"
#include "wire/json_value.h"

namespace tarn::emr {
namespace {

using gateway::WebRequest;
using wire::Response;

constexpr std::string_view kCookie = "tarn-emr-ui";
constexpr std::chrono::milliseconds kLabPatience{2000};

Error not_there(std::string text) {
  return {"NotFound", std::move(text), 404};
}

Error sign_in() {
  return {"Unauthorized",
          "Sign in with HTTP Basic: an access key id as user and its secret access key as password "
          "(`tarn env` prints them).",
          401};
}

// What a Workspace needs to attach to a cluster, and who looks at pages needs
// (https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-studio-user-permissions.html).
constexpr std::string_view kAttach = "elasticmapreduce:AttachEditor";
constexpr std::string_view kLook = "elasticmapreduce:GetOnClusterAppUIPresignedURL";
constexpr std::string_view kLookAtKept = "elasticmapreduce:GetPersistentAppUIPresignedURL";
constexpr std::string_view kEnterStudio = "elasticmapreduce:CreateStudioPresignedUrl";

// What is left of the path below `steps` segments.
void descend(WebRequest& request, std::size_t steps) {
  for (std::size_t i = 0; i < steps; ++i) {
    if (!request.base.empty()) request.base += "/" + request.path[i];
  }
  request.path.erase(request.path.begin(),
                     request.path.begin() + static_cast<std::ptrdiff_t>(steps));
}

Response html(int status, std::string_view text) {
  Response out;
  out.status = status;
  out.headers.add("Content-Type", "text/html; charset=utf-8");
  out.content = text;
  return out;
}

Response redirect(std::string to) {
  Response out;
  out.status = 302;
  out.headers.add("Location", std::move(to));
  return out;
}

// The token that a browser got for a presigned URL; empty: none.
std::string_view cookie_of(const WebRequest& request) {
  std::string_view all = request.headers->get("cookie");
  while (!all.empty()) {
    const std::size_t end = all.find(';');
    std::string_view pair = all.substr(0, end);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.starts_with(kCookie) && pair.substr(kCookie.size()).starts_with('='))
      return pair.substr(kCookie.size() + 1);
    all = end == std::string_view::npos ? std::string_view() : all.substr(end + 1);
  }
  return {};
}

constexpr std::string_view kStarting =
    "<!doctype html><meta http-equiv=\"refresh\" content=\"1\"><title>Spark history server</title>"
    "<p>The history server is starting; this page asks again every second.</p>";

}  // namespace

Task<Result<Response>> EmrRoom::serve(WebRequest request) {
  if (request.path.size() < 2) {
    co_return not_there(
        "Nothing is served here; a cluster's Livy is at /_tarn/emr/CLUSTER/livy, its pages are at "
        "/_tarn/emr/CLUSTER/ui/PORT/.");
  }
  if (request.path[0] == "clusters") co_return co_await interruptions_.serve(std::move(request));
  const std::string part = request.path[1];
  if (part == "ui") co_return co_await serve_ui(std::move(request));
  if (request.caller.kind == Caller::Kind::kAnonymous) co_return sign_in();
  if (part == "studio") co_return co_await serve_studio(std::move(request));
  const Clusters::Entry life = emr_.clusters().find(request.path[0]);
  if (!life || life->cluster().account != request.caller.account_id) {
    co_return not_there(fmt::format("Cluster id '{}' is not valid.", request.path[0]));
  }
  if (part != "livy") co_return not_there(fmt::format("A cluster has no '{}'.", part));
  descend(request, 2);
  co_return co_await serve_livy(std::move(request), life);
}

Task<Result<Response>> EmrRoom::serve_livy(WebRequest request, Clusters::Entry life) {
  const ClusterRecord& cluster = life->cluster();
  // Programs of the cluster itself are at home.
  if (request.caller.access_key_id != cluster.access_key_id) {
    const std::string arn = cluster.arn();
    TARN_CO_CHECK(authorizer_.check(request.caller, kAttach, arn));
  }
  if (!Notebooks::wanted(cluster)) {
    co_return not_there(fmt::format(
        "Cluster {} has no Livy: name it among the Applications of RunJobFlow.", cluster.id));
  }
  // It lives as long as this request, whatever becomes of the cluster meanwhile.
  const std::shared_ptr<Notebooks> notebooks = life->notebooks();
  if (!notebooks) {
    co_return Error("ServiceUnavailable",
                    fmt::format("Cluster {} is {}; its Livy answers once it is WAITING or RUNNING.",
                                cluster.id, cluster.state),
                    cluster.living() ? 503 : 404);
  }
  co_return co_await notebooks->room().serve(std::move(request));
}

Task<Result<Response>> EmrRoom::serve_ui(WebRequest request) {
  const std::string place = request.path[0];
  const PersistentUiRecord* ui = emr_.persistent_uis().find(place);
  const std::string cluster = ui == nullptr ? place : ui->cluster;
  const Clusters::Entry life = emr_.clusters().find(cluster);
  if (!life) co_return not_there(fmt::format("Cluster id '{}' is not valid.", place));
  PagePlace page;
  page.pages = life->pages();
  const std::string name = request.path.size() > 2 ? request.path[2] : "";
  const auto program = find_page(page.pages, name);
  const bool history = name == std::to_string(kHistoryPort);
  if (!program || (ui != nullptr && !history)) {
    co_return not_there(
        "Pages are those of ports 8088 (Spark's master), 8081 (its worker; 8081-ADDRESS of a "
        "host), "
        "4040 and above (an application) and 18080 (the history server).");
  }
  const std::string arn = ui == nullptr ? life->cluster().arn() : "*";
  TARN_CO_TRY(auto instead, admit(request, ui == nullptr ? kLook : kLookAtKept, arn));
  if (instead) co_return *std::move(instead);
  if (request.method != "GET" && request.method != "HEAD")
    co_return Error("MethodNotAllowed", "Pages of Spark are only read here.", 405);
  page.program = *program;
  page.path = request.raw_path;
  if (!request.base.empty()) {
    page.ui = fmt::format("{}/{}/ui", request.base, place);
    page.base = fmt::format("{}/{}", page.ui, name);
    page.path.erase(0, std::min(page.path.size(), page.base.size()));
    if (page.path.empty()) co_return redirect(page.base + "/");
  }
  if (!request.raw_query.empty()) page.path += "?" + request.raw_query;
  if (history) co_return co_await serve_history(std::move(page), cluster);
  if (!life->cluster().living())
    co_return not_there(fmt::format("Cluster {} is {}.", cluster, life->cluster().state));
  life->note_ui_use();
  co_return co_await serve_page(std::move(page));
}

// Spark's own ports ask nobody who he is; the door beside them neither.
Result<std::optional<Response>> EmrRoom::admit(const WebRequest& request, std::string_view action,
                                               const std::string& arn) const {
  if (request.base.empty()) return std::optional<Response>();
  if (request.caller.kind != Caller::Kind::kAnonymous) {
    TARN_CHECK(authorizer_.check(request.caller, action, arn));
    return std::optional<Response>();
  }
  const std::string& place = request.path[0];
  const Timestamp now = emr_.platform().clock.now();
  for (const auto& [name, token] : request.query) {
    if (name != "token") continue;
    const auto keys = keys_of_ui_token(token, place, emr_.credentials(), now);
    if (!keys) return Error("Unauthorized", "This URL has expired: ask for another.", 401);
    Response out = redirect(request.raw_path);
    out.headers.add("Set-Cookie",
                    fmt::format("{}={}; Path={}/{}/; Max-Age={}; HttpOnly; SameSite=Lax", kCookie,
                                ui_token(*keys, place, now + kCookieLife), request.base, place,
                                std::chrono::seconds(kCookieLife).count()));
    return std::optional<Response>(std::move(out));
  }
  if (keys_of_ui_token(cookie_of(request), place, emr_.credentials(), now))
    return std::optional<Response>();
  return sign_in();
}

Task<Result<Response>> EmrRoom::serve_page(PagePlace page) {
  co_return co_await fetch_page(emr_.platform().tasks, emr_.network(), std::move(page));
}

Task<Result<Response>> EmrRoom::serve_history(PagePlace page, std::string cluster) {
  const Clusters::Entry life = emr_.clusters().find(cluster);
  std::shared_ptr<HistoryServer> history = life->history();
  if (!history && life->cluster().living()) {
    co_return Error("ServiceUnavailable",
                    fmt::format("Cluster {} is {}; its history server answers once it is WAITING.",
                                cluster, life->cluster().state),
                    503);
  }
  if (!history) {
    // A host's address may be another cluster's by now.
    std::string address =
        life->cluster().on_hosts ? emr_.clusters().free_address() : page.pages.address;
    auto kept = co_await emr_.persistent_uis().history(cluster, std::move(address));
    if (!kept.ok()) co_return not_there(kept.error().message);
    history = *kept;
  } else {
    life->note_ui_use();
  }
  auto ready = co_await HistoryServer::ready(history);
  if (!ready.ok()) co_return Error("BadGateway", ready.error().message, 502);
  if (!*ready) co_return html(503, kStarting);
  page.program = {history->address(), history->port()};
  co_return co_await serve_page(std::move(page));
}

// The file is `tarn notebook`'s; whether that still runs, its JupyterLab tells.
Task<Result<Response>> EmrRoom::serve_studio(WebRequest request) {
  const std::string id = request.path[0];
  const StudioRecord* const studio = emr_.studios().find(request.caller, id);
  if (studio == nullptr) co_return not_there(fmt::format("Studio id '{}' is not valid.", id));
  // It has the keys of who started it.
  const std::string arn = studio->arn();
  TARN_CO_CHECK(authorizer_.check(request.caller, kEnterStudio, arn));
  const auto look = [this]() -> std::string {
    const auto told = emr_.platform().files.read(emr_.options().notebook_file);
    if (!told.ok()) return {};
    const auto lab = wire::parse_json(*told);
    if (!lab.is_object()) return {};
    const auto answer =
        emr_.network().get(lab.value("address", ""),
                           static_cast<std::uint16_t>(lab.value("port", 0)), "/api", kLabPatience);
    return answer.ok() ? lab.value("url", "") : "";
  };
  std::string url = co_await emr_.platform().tasks.offload(look);
  if (!url.empty()) co_return redirect(std::move(url));
  co_return html(503,
                 "<!doctype html><title>EMR Studio</title><p>No JupyterLab runs. Start it with "
                 "<code>tarn notebook</code>, or <code>tarn notebook --cluster ID</code> for "
                 "notebooks on a cluster, and open this page again.</p>");
}

}  // namespace tarn::emr
