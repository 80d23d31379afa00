// CreatePersistentAppUI, DescribePersistentAppUI, GetPersistentAppUIPresignedURL,
// GetOnClusterAppUIPresignedURL.
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "services/emr/actions.h"
#include "services/emr/application_pages.h"
#include "services/emr/describe.h"
#include "services/emr/members.h"
#include "services/emr/request.h"
#include "services/emr/ui_proxy.h"
#include "services/emr/ui_token.h"

namespace tarn::emr {
namespace {

namespace on_cluster = values::on_cluster_app_ui_type;

// Below the minute that clients wait for an answer.
constexpr std::chrono::seconds kSearchPatience{30};

Error invalid_ui_request(std::string text) {
  return {"InvalidRequestException", std::move(text)};
}

// The cluster of an ARN ".../cluster/j-…".
Result<Clusters::Entry> find_by_arn(EmrService& emr, const Caller& caller, const std::string& arn) {
  const std::size_t slash = arn.rfind('/');
  Clusters::Entry life = slash == std::string::npos
                             ? nullptr
                             : emr.clusters().find(caller, std::string_view(arn).substr(slash + 1));
  if (life && life->cluster().arn() == arn) return life;
  return invalid_ui_request(
      fmt::format("TargetResourceArn '{}' is not the ARN of a cluster of this account.", arn));
}

Result<const PersistentUiRecord*> find_ui(EmrService& emr, const Caller& caller,
                                          const std::string& id) {
  const PersistentUiRecord* ui = emr.persistent_uis().find(id);
  if (ui != nullptr && ui->account == caller.account_id && ui->region == caller.region) return ui;
  return invalid_ui_request(fmt::format("Persistent application UI id '{}' is not valid.", id));
}

// What leads a browser to `path` of `place` without keys.
Result<std::string> presigned(EmrService& emr, const Caller& caller, const std::string& place,
                              const std::string& path) {
  const auto keys = emr.credentials().find(caller.access_key_id);
  if (!keys) return invalid_ui_request("The access key of this request is gone.");
  const Timestamp end = emr.platform().clock.now() + kUrlLife;
  return fmt::format("{}/_tarn/emr/{}/ui/{}?token={}", emr.options().spark.endpoint_url, place,
                     path, ui_token(*keys, place, end));
}

Task<Result<std::string>> application_page(EmrService& emr, ClusterPages pages, std::string id) {
  const ApplicationPages where{pages.address, first_application_port(pages.shift)};
  const auto look = [&] {
    return find_application(emr.network(), emr.platform().clock, where, id, kSearchPatience);
  };
  const FoundApplication found = co_await emr.platform().tasks.offload(look);
  if (found.port != 0) co_return fmt::format("{}/", found.port);
  if (found.silent_port != 0) {
    co_return Error("InternalServerError",
                    fmt::format("Application '{}' was not found yet: the page at port {} of the "
                                "cluster did not answer within {} s. Ask again in a moment.",
                                id, found.silent_port, kSearchPatience.count()),
                    500);
  }
  co_return invalid_ui_request(
      fmt::format("Application '{}' does not run on this cluster; the SparkHistoryServer shows "
                  "those that have ended.",
                  id));
}

Task<Result<std::string>> page_of(EmrService& emr, Clusters::Entry life,
                                  const GetOnClusterAppUIPresignedURLInput& input) {
  const std::string type =
      input.on_cluster_app_ui_type.value_or(std::string(on_cluster::kSparkHistoryServer));
  const std::string application = input.application_id.value_or("");
  if (type == on_cluster::kSparkHistoryServer) {
    co_return application.empty() ? fmt::format("{}/", kHistoryPort)
                                  : fmt::format("{}/history/{}/", kHistoryPort, application);
  }
  if (type == on_cluster::kResourceManager) co_return fmt::format("{}/", kMasterPagePort);
  if (type != on_cluster::kApplicationMaster) {
    co_return invalid_ui_request(
        fmt::format("A cluster has no {} here: SparkHistoryServer, ResourceManager (Spark's "
                    "master) and ApplicationMaster are there.",
                    type));
  }
  if (application.empty())
    co_return invalid_ui_request("ApplicationMaster needs an ApplicationId.");
  ClusterPages pages = life->pages();
  co_return co_await application_page(emr, std::move(pages), application);
}

}  // namespace

Task<Result<CreatePersistentAppUIOutput>> handle(CreatePersistentAppUI /*tag*/, EmrService& emr,
                                                 const Caller& caller,
                                                 CreatePersistentAppUIInput input) {
  TARN_CO_CHECK(refuse(input.emr_containers_config.has_value(), "EMRContainersConfig"));
  if (input.profiler_type && *input.profiler_type != values::profiler_type::kShs) {
    co_return invalid_ui_request(
        fmt::format("ProfilerType {} is not there; SHS is.", *input.profiler_type));
  }
  TARN_CO_TRY(const Clusters::Entry life, find_by_arn(emr, caller, input.target_resource_arn));
  PersistentUiRecord ui;
  ui.id = new_id(emr.platform().random, "p");
  ui.cluster = life->cluster().id;
  ui.account = caller.account_id;
  ui.region = caller.region;
  ui.author = caller.arn;
  ui.address = life->cluster().address;
  ui.created = emr.platform().clock.now();
  TARN_CO_CHECK(add_tags(caller, input.tags.value_or(std::vector<Tag>()), ui.tags));
  CreatePersistentAppUIOutput out;
  out.persistent_app_ui_id = ui.id;
  out.runtime_role_enabled_cluster = false;
  TARN_CO_CHECK(co_await emr.persistent_uis().add(std::move(ui)));
  co_return out;
}

Task<Result<DescribePersistentAppUIOutput>> handle(DescribePersistentAppUI /*tag*/, EmrService& emr,
                                                   const Caller& caller,
                                                   DescribePersistentAppUIInput input) {
  TARN_CO_TRY(const PersistentUiRecord* ui, find_ui(emr, caller, input.persistent_app_ui_id));
  DescribePersistentAppUIOutput out;
  PersistentAppUI& told = out.persistent_app_ui.emplace();
  told.persistent_app_ui_id = ui->id;
  told.persistent_app_ui_type_list = {std::string(values::persistent_app_ui_type::kShs)};
  told.persistent_app_ui_status = "ATTACHED";
  told.author_id = ui->author;
  told.creation_time = ui->created;
  told.last_modified_time = ui->created;
  told.tags = tag_list(ui->tags);
  co_return out;
}

Task<Result<GetPersistentAppUIPresignedURLOutput>> handle(
    GetPersistentAppUIPresignedURL /*tag*/, EmrService& emr, const Caller& caller,
    GetPersistentAppUIPresignedURLInput input) {
  TARN_CO_CHECK(refuse(input.execution_role_arn.has_value(), "ExecutionRoleArn"));
  TARN_CO_TRY(const PersistentUiRecord* ui, find_ui(emr, caller, input.persistent_app_ui_id));
  namespace type = values::persistent_app_ui_type;
  if (input.persistent_app_ui_type && *input.persistent_app_ui_type != type::kShs) {
    co_return invalid_ui_request(
        fmt::format("PersistentAppUIType {} is not there; SHS is.", *input.persistent_app_ui_type));
  }
  std::string path = fmt::format("{}/", kHistoryPort);
  if (input.application_id) path += fmt::format("history/{}/", *input.application_id);
  GetPersistentAppUIPresignedURLOutput out;
  TARN_CO_TRY(out.presigned_url, presigned(emr, caller, ui->id, path));
  out.presigned_url_ready = true;
  co_return out;
}

Task<Result<GetOnClusterAppUIPresignedURLOutput>> handle(GetOnClusterAppUIPresignedURL /*tag*/,
                                                         EmrService& emr, const Caller& caller,
                                                         GetOnClusterAppUIPresignedURLInput input) {
  TARN_CO_CHECK(refuse(input.execution_role_arn.has_value(), "ExecutionRoleArn"));
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.cluster_id));
  TARN_CO_TRY(const std::string path, co_await page_of(emr, life, input));
  GetOnClusterAppUIPresignedURLOutput out;
  out.presigned_url_ready = true;
  if (input.dry_run.value_or(false)) co_return out;
  TARN_CO_TRY(out.presigned_url, presigned(emr, caller, life->cluster().id, path));
  co_return out;
}

}  // namespace tarn::emr
