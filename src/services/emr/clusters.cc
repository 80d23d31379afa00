#include "services/emr/clusters.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/emr/record.h"

namespace tarn::emr {
namespace {

using std::chrono::milliseconds;

// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-view-clusters.html: two months.
constexpr std::chrono::hours kKept{24 * 60};

// What is kept of ended clusters goes with their records.
Status forget_history(const EmrOptions& options, platform::Files& files,
                      const std::map<std::string, Clusters::Entry, std::less<>>& known) {
  if (!files.exists(options.history_directory)) return {};
  TARN_TRY(const auto folders, files.list(options.history_directory));
  for (const auto& folder : folders) {
    if (!known.contains(folder.name))
      TARN_CHECK(files.remove_tree(options.history_directory + "/" + folder.name));
  }
  return {};
}

}  // namespace

Clusters::Clusters(Surroundings surroundings, store::Store& store)
    : around_(surroundings), store_(store) {}

Status Clusters::load() {
  TARN_TRY(const auto records, store_.scan(store::Space::kEmr, kClusterPrefix));
  const Timestamp now = around_.platform.clock.now();
  store::Batch dropped;
  for (const auto& [key, record] : records) {
    TARN_TRY(ClusterRecord cluster, decode_cluster(record));
    const std::string steps = steps_prefix(cluster.id);
    if (cluster.over() && cluster.ended && *cluster.ended + kKept < now) {
      dropped.remove(store::Space::kEmr, key);
      dropped.remove_range(store::Space::kEmr, steps, store::prefix_end(steps));
      continue;
    }
    TARN_TRY(const auto step_records, store_.scan(store::Space::kEmr, steps));
    for (const auto& [step_name, step_record] : step_records) {
      TARN_TRY(StepRecord step, decode_step(step_record));
      cluster.steps.push_back(std::move(step));
    }
    const std::string id = cluster.id;
    all_.emplace(id, std::make_shared<Life>(around_, std::move(cluster)));
  }
  if (!dropped.empty()) TARN_CHECK(store_.commit(dropped));
  platform::Files& files = around_.platform.files;
  TARN_CHECK(forget_history(around_.options, files, all_));
  if (!files.exists(around_.options.data_directory)) return {};
  TARN_TRY(const auto folders, files.list(around_.options.data_directory));
  for (const auto& folder : folders) {
    const std::string path = around_.options.data_directory + "/" + folder.name;
    const auto found = all_.find(folder.name);
    if (found != all_.end() && !found->second->cluster().over()) {
      around_.sandboxes.reserve(path);
      continue;
    }
    TARN_CHECK(files.remove_tree(path));
  }
  return {};
}

void Clusters::start() {
  for (const auto& [id, life] : all_) {
    if (life->cluster().over()) continue;
    life->recover();
    begin(life);
  }
}

void Clusters::begin(const Entry& life) {
  ++running_;
  tarn::start(Life::run(life), [this] { --running_; });
}

Task<void> Clusters::shut_down() {
  stopping_ = true;
  for (const auto& [id, life] : all_) life->stop();
  while (running_ > 0 || adding_ > 0) co_await around_.platform.clock.sleep(milliseconds(20));
}

std::size_t Clusters::living() const {
  return static_cast<std::size_t>(std::count_if(
      all_.begin(), all_.end(), [](const auto& each) { return !each.second->cluster().over(); }));
}

Task<Result<Clusters::Entry>> Clusters::add(ClusterRecord cluster) {
  if (stopping_) co_return Error("InternalServerException", "The server is stopping.");
  if (living() + adding_ >= around_.options.max_clusters) {
    co_return Error("ValidationException",
                    fmt::format("There are {} clusters already, as many as this server runs; "
                                "terminate one first.",
                                around_.options.max_clusters));
  }
  store::Batch batch;
  batch.put(store::Space::kEmr, cluster_key(cluster.id), encode(cluster));
  for (std::size_t place = 0; place < cluster.steps.size(); ++place) {
    batch.put(store::Space::kEmr, step_key(cluster.id, place), encode(cluster.steps[place]));
  }
  ++adding_;
  const Status recorded = co_await around_.journal.commit(std::move(batch));
  --adding_;
  if (!recorded.ok()) co_return recorded.error();
  const std::string id = cluster.id;
  Entry life = std::make_shared<Life>(around_, std::move(cluster));
  all_.emplace(id, life);
  // Recorded while the server began to stop: the next one starts it.
  if (!stopping_) begin(life);
  co_return life;
}

Clusters::Entry Clusters::find(const Caller& caller, std::string_view id) const {
  const auto found = all_.find(id);
  if (found == all_.end()) return nullptr;
  const ClusterRecord& cluster = found->second->cluster();
  const bool own = cluster.account == caller.account_id && cluster.region == caller.region;
  return own ? found->second : nullptr;
}

Clusters::Entry Clusters::find(std::string_view id) const {
  const auto found = all_.find(id);
  return found == all_.end() ? nullptr : found->second;
}

std::vector<Clusters::Entry> Clusters::list(const Caller& caller) const {
  std::vector<Entry> out;
  for (const auto& [id, life] : all_) {
    if (find(caller, id)) out.push_back(life);
  }
  std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) {
    const ClusterRecord& left = a->cluster();
    const ClusterRecord& right = b->cluster();
    return std::pair(left.created, left.id) > std::pair(right.created, right.id);
  });
  return out;
}

int Clusters::free_ports(const std::string& address) const {
  for (int shift = 0;; ++shift) {
    const bool taken = std::any_of(all_.begin(), all_.end(), [&](const auto& each) {
      const ClusterRecord& cluster = each.second->cluster();
      return !cluster.over() && cluster.address == address && cluster.port_shift == shift;
    });
    if (!taken) return shift;
  }
}

// By chance, so that several servers of one machine seldom meet.
std::string Clusters::free_address() const {
  for (;;) {
    const std::uint64_t chance = around_.platform.random.next();
    const std::string address = fmt::format("127.77.{}.{}", chance % 256, 1 + (chance >> 8) % 254);
    const bool taken = std::any_of(all_.begin(), all_.end(), [&](const auto& each) {
      return !each.second->cluster().over() && each.second->cluster().address == address;
    });
    if (!taken) return address;
  }
}

}  // namespace tarn::emr
