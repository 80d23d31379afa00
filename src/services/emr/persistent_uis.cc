#include "services/emr/persistent_uis.h"

#include <utility>

#include <fmt/format.h>

#include "services/emr/studio_record.h"

namespace tarn::emr {
namespace {

constexpr std::chrono::milliseconds kOpeningLook{20};

// A folder and what is in it, two levels deep: applications, and the parts of their logs. Users'
// programs made it: what is a link stays whose it is.
Result<std::vector<std::string>> own_files(platform::Files& files, const std::string& folder) {
  std::vector<std::string> out = {folder};
  TARN_TRY(const auto applications, files.list(folder));
  for (const auto& application : applications) {
    const std::string path = folder + "/" + application.name;
    out.push_back(path);
    if (!application.is_directory || !is_no_link(files, path)) continue;
    TARN_TRY(const auto parts, files.list(path));
    for (const auto& part : parts) out.push_back(fmt::format("{}/{}", path, part.name));
  }
  return out;
}

}  // namespace

Status PersistentUis::load(store::Store& store, const Clusters& clusters) {
  store::Batch dropped;
  TARN_TRY(const auto records, store.scan(store::Space::kEmr, kUiPrefix));
  for (const auto& [key, record] : records) {
    TARN_TRY(PersistentUiRecord ui, decode_ui(record));
    if (!clusters.find(ui.cluster)) {
      dropped.remove(store::Space::kEmr, key);
      continue;
    }
    const std::string id = ui.id;
    all_.emplace(id, std::move(ui));
  }
  return dropped.empty() ? Status() : store.commit(dropped);
}

Task<Status> PersistentUis::add(PersistentUiRecord record) {
  store::Batch batch;
  batch.put(store::Space::kEmr, ui_key(record.id), encode(record));
  TARN_CO_CHECK(co_await journal_.commit(std::move(batch)));
  const std::string id = record.id;
  all_.emplace(id, std::move(record));
  co_return Status();
}

const PersistentUiRecord* PersistentUis::find(std::string_view id) const {
  const auto found = all_.find(id);
  return found == all_.end() ? nullptr : &found->second;
}

Task<Result<std::shared_ptr<HistoryServer>>> PersistentUis::history(std::string cluster,
                                                                    std::string address) {
  // A page asks for several things at once.
  while (opening_.contains(cluster)) co_await platform_.clock.sleep(kOpeningLook);
  const auto known = kept_.find(cluster);
  if (known != kept_.end()) co_return known->second.server;
  const auto open = [this, &cluster]() -> Result<sandbox::Sandbox> {
    platform::Files& files = platform_.files;
    const std::string folder = history_folder(options_, cluster);
    if (!files.exists(folder + "/cluster.json")) {
      return Error(code::kNotFound,
                   fmt::format("Cluster {} left no event logs of applications.", cluster));
    }
    TARN_TRY(sandbox::Sandbox box, sandboxes_.open(history_sandbox(options_, cluster)));
    const std::string logs = event_log_folder(box.home);
    TARN_TRY(std::vector<std::string> given, own_files(files, logs));
    given.push_back(box.home);
    given.push_back(box.home + "/tmp");
    TARN_CHECK(sandboxes_.give(box, given));
    return box;
  };
  opening_.insert(cluster);
  auto box = co_await platform_.tasks.offload(open);
  opening_.erase(cluster);
  if (!box.ok()) co_return std::move(box).error();
  const auto spec = [this, cluster, address, box = *box] {
    return sandboxes_.enclosed(
        box, history_process(options_, box, history_folder(options_, cluster), address,
                             kHistoryOwnPort));
  };
  Kept kept;
  kept.box = *box;
  kept.server =
      std::make_shared<HistoryServer>(platform_, network_, address, kHistoryOwnPort, spec);
  co_return kept_.emplace(cluster, std::move(kept)).first->second.server;
}

Task<void> PersistentUis::shut_down() {
  for (auto& [cluster, kept] : kept_) {
    const std::shared_ptr<HistoryServer> server = kept.server;
    co_await server->stop();
    sandbox::Sandbox box = kept.box;
    co_await sandboxes_.close(std::move(box));
  }
}

}  // namespace tarn::emr
