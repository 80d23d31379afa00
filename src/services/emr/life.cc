#include "services/emr/life.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/emr/record.h"

namespace tarn::emr {
namespace {

constexpr int kRemovals = 50;
constexpr std::chrono::milliseconds kRemovalPause{20};
// Clusters on hosts share an address.
std::uint16_t history_door(const ClusterRecord& cluster) {
  return static_cast<std::uint16_t>(kHistoryPort + cluster.port_shift);
}

std::uint16_t history_port(const ClusterRecord& cluster) {
  return static_cast<std::uint16_t>(kHistoryOwnPort + cluster.port_shift);
}

constexpr std::size_t kSecretLength = 40;
constexpr std::string_view kSecretLetters = "0123456789abcdefghijklmnopqrstuvwxyz";

}  // namespace

Life::Life(Surroundings surroundings, ClusterRecord cluster)
    : around_(surroundings), cluster_(std::move(cluster)) {}

Task<void> Life::run(std::shared_ptr<Life> self) {
  while (!self->cluster_.over() && !self->stopping_) {
    co_await self->tick();
    if (!self->cluster_.over())
      co_await self->around_.platform.clock.sleep(self->around_.options.tick);
  }
  co_await self->end_runs();
  co_await self->close_notebooks();
  co_await self->close_history();
  if (self->node_) co_await self->node_->stop();
  co_await self->close_sandbox();
}

Task<void> Life::tick() {
  // Nothing is done about what could not be recorded.
  const Status saved = co_await save();
  if (!saved.ok()) {
    spdlog::warn("emr: cluster {} waits for the disk: {}", cluster_.id, saved.error().message);
    co_return;
  }
  if (cluster_.state == cluster_state::kTerminating) {
    co_await finish();
    co_return;
  }
  co_await prepare_once();
  if (!node_ || !cluster_.living()) co_return;
  co_await renew_keys();
  co_await look_at_instances();
  if (!cluster_.living()) co_return;
  co_await node_->look();
  settle_instances();
  co_await bound_logs();
  settle_steps();
  enforce_cancels();
  if (!node_->failure().empty()) {
    terminate(reason_code::kInstanceFailure, node_->failure(), true);
  } else if (!node_->ready()) {
    const bool nothing = !node_->workers().wants_any();
    std::string why = nothing ? shortage() : node_->trouble();
    if (without_host_since_) why = "No host serves the cluster: join one by `tarn agent`.";
    if (!why.empty()) show(cluster_state::kStarting, why);
  } else if (!cluster_.ready && !shortage().empty()) {
    show(cluster_state::kStarting, shortage());
  } else {
    co_await advance();
  }
  watch_idle();
}

// The first time in this server's life.
Task<void> Life::prepare_once() {
  if (node_) co_return;
  const Status ready = co_await around_.platform.tasks.offload([this] { return open_sandbox(); });
  if (!ready.ok()) {
    terminate(reason_code::kInternalError,
              fmt::format("The cluster could not be started: {}", ready.error().message), true);
    co_return;
  }
  node_ = std::make_unique<Node>(
      around_.platform, around_.network, around_.sandboxes, cluster_.address, page_port(cluster_),
      [this] {
        return around_.sandboxes.enclosed(*box_,
                                          master_process(around_.options, cluster_, keys_, *box_));
      },
      [this](const WorkerPlan& plan) { return start_worker(plan); });
}

Result<std::unique_ptr<platform::Process>> Life::start_worker(const WorkerPlan& plan) {
  if (!plan.share.host.empty()) {
    return around_.hosts.spawn(plan.share.host,
                               make_order(around_.options, cluster_, keys_, plan, trust_));
  }
  return around_.platform.processes.spawn(around_.sandboxes.enclosed(
      *box_, worker_process(around_.options, cluster_, keys_, *box_, plan)));
}

// Blocks.
Status Life::open_sandbox() {
  TARN_CHECK(around_.sandboxes.usable());
  TARN_CHECK(find_keys());
  if (cluster_.on_hosts) {
    TARN_TRY(trust_, read_trust(around_.options, around_.platform.files));
    cluster_.secret = around_.platform.random.text(kSecretLength, kSecretLetters);
  }
  TARN_CHECK(prepare(around_.options, cluster_, around_.platform.files));
  TARN_TRY(box_, around_.sandboxes.open(sandbox_request(around_.options, cluster_)));
  return {};
}

// A role's keys can be made anew, as an instance's are; an owner's were the owner's to give.
// Blocks.
Status Life::find_keys() {
  const auto known = around_.credentials.find(cluster_.access_key_id);
  if (known) {
    keys_ = *known;
    return {};
  }
  if (cluster_.role_arn.empty()) {
    return Error(code::kNotFound,
                 "its keys ended while the server was stopped, and only its owner can give it "
                 "others: create it anew");
  }
  const iam::Roles::Role role = around_.roles.find_role(cluster_.role_arn);
  if (!role) return Error(code::kNotFound, "its role " + cluster_.role_arn + " is gone");
  TARN_TRY(keys_, around_.credentials.issue_role_session(*role, instance_of(cluster_),
                                                         livy::kCredentialLife));
  cluster_.access_key_id = keys_.access_key_id;
  touch();
  return {};
}

// After the last of its processes.
Task<void> Life::close_sandbox() {
  if (!box_) co_return;
  sandbox::Sandbox box = *std::exchange(box_, std::nullopt);
  co_await around_.sandboxes.close(std::move(box));
}

Task<void> Life::renew_keys() {
  const auto keys = around_.credentials.find(cluster_.access_key_id);
  if (!keys || !keys->expires) co_return;
  if (*keys->expires > around_.platform.clock.now() + livy::kCredentialLeft) co_return;
  const auto extend = [this] {
    return around_.credentials.extend(cluster_.access_key_id, livy::kCredentialLife);
  };
  const Status extended = co_await around_.platform.tasks.offload(extend);
  if (!extended.ok()) spdlog::warn("emr: keys of {}: {}", cluster_.id, extended.error().message);
}

// Executors can be had.
Task<void> Life::advance() {
  if (!cluster_.bootstrapped) {
    co_await bootstrap();
    co_return;
  }
  if (!cluster_.ready) {
    cluster_.ready = around_.platform.clock.now();
    touch();
  }
  settle_instances();
  open_notebooks();
  open_history();
  co_await run_steps();
  if (!cluster_.living()) co_return;
  if (cluster_.active_steps() > 0) {
    show(cluster_state::kRunning, "Running step");
  } else if (!cluster_.keep_alive) {
    terminate(reason_code::kAllStepsCompleted, "Steps completed", false);
  } else {
    show(cluster_state::kWaiting,
         fmt::format("Cluster ready to run steps. Asked for {} vCPU and {} GiB, granted {}.",
                     cluster_.asked.vcpu, cluster_.asked.memory_mib / 1024, granted_of()));
  }
}

void Life::show(std::string_view state, std::string message) {
  if (cluster_.state == state && cluster_.reason.message == message) return;
  cluster_.state = state;
  cluster_.reason = {"", std::move(message)};
  touch();
  spdlog::info("emr: {} {} {}", cluster_.id, cluster_.state, cluster_.reason.message);
}

void Life::touch(const StepRecord& step) {
  changed_steps_.insert(static_cast<std::size_t>(&step - cluster_.steps.data()));
}

Task<Status> Life::save() {
  if (!changed_ && changed_steps_.empty()) co_return Status();
  const bool cluster_changed = std::exchange(changed_, false);
  const std::set<std::size_t> steps = std::exchange(changed_steps_, {});
  store::Batch batch;
  if (cluster_changed) batch.put(store::Space::kEmr, cluster_key(cluster_.id), encode(cluster_));
  for (const std::size_t place : steps) {
    batch.put(store::Space::kEmr, step_key(cluster_.id, place), encode(cluster_.steps[place]));
  }
  Status saved = co_await around_.journal.commit(std::move(batch));
  if (!saved.ok()) {
    changed_ = changed_ || cluster_changed;
    changed_steps_.insert(steps.begin(), steps.end());
  }
  co_return saved;
}

void Life::terminate(std::string_view code, std::string message, bool with_errors) {
  if (!cluster_.living()) return;
  cluster_.state = cluster_state::kTerminating;
  cluster_.reason = {std::string(code), std::move(message)};
  cluster_.with_errors = with_errors;
  touch();
  spdlog::info("emr: {} ends: {} {}", cluster_.id, cluster_.reason.code, cluster_.reason.message);
}

void Life::open_notebooks() {
  if (notebooks_ || !Notebooks::wanted(cluster_)) return;
  auto notebooks = std::make_shared<Notebooks>(around_, cluster_, *box_);
  const Status opened = notebooks->open();
  if (opened.ok()) {
    notebooks_ = std::move(notebooks);
    return;
  }
  // It is tried again at the next look, and told once.
  const std::string told = std::exchange(livy_trouble_, opened.error().message);
  if (told != livy_trouble_) spdlog::warn("emr: Livy of {}: {}", cluster_.id, livy_trouble_);
}

Task<void> Life::close_notebooks() {
  const std::shared_ptr<Notebooks> notebooks = std::exchange(notebooks_, nullptr);
  if (notebooks) co_await notebooks->close();
}

// The port is tarn's: the JVM behind it comes with the first question.
void Life::open_history() {
  if (history_) return;
  const auto spec = [this, box = *box_] {
    return around_.sandboxes.enclosed(
        box, history_process(around_.options, box, folder_of(around_.options, cluster_),
                             cluster_.address, history_port(cluster_)));
  };
  const Status opened = around_.doors.open(cluster_.address, history_door(cluster_),
                                           fmt::format("emr/{}/ui/{}", cluster_.id, kHistoryPort));
  if (!opened.ok())
    spdlog::warn("emr: history server of {}: {}", cluster_.id, opened.error().message);
  history_ = std::make_shared<HistoryServer>(around_.platform, around_.network, cluster_.address,
                                             history_port(cluster_), spec);
}

Task<void> Life::close_history() {
  around_.doors.close(cluster_.address, history_door(cluster_));
  const std::shared_ptr<HistoryServer> history = std::exchange(history_, nullptr);
  if (history) co_await history->stop();
}

// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-auto-termination-policy.html: no
// application on the cluster, no notebook that is attached, no step that waits or runs. A session
// is both as long as it is open, and ends when nobody asks for it (Livy's time-outs); a driver that
// waits for one is neither.
bool Life::in_use() const {
  if (cluster_.state != cluster_state::kWaiting || cluster_.active_steps() > 0) return true;
  if (!node_->ready() || !guests_.empty()) return true;
  if (!notebooks_) return !node_->applications().empty();
  return notebooks_->in_use() || !notebooks_->are_sessions(node_->applications());
}

// A cluster that is protected ends by no policy.
void Life::watch_idle() {
  const auto now = around_.platform.clock.monotonic();
  if (in_use()) {
    idle_since_.reset();
    return;
  }
  if (!idle_since_) idle_since_ = now;
  idle_since_ = std::max(*idle_since_, ui_used_);
  if (!cluster_.idle_timeout_s || cluster_.termination_protected) return;
  if (now - *idle_since_ < std::chrono::seconds(*cluster_.idle_timeout_s)) return;
  terminate(reason_code::kUserRequest,
            fmt::format("Terminated by the auto-termination policy: the cluster was idle for {} s",
                        *cluster_.idle_timeout_s),
            false);
}

// TERMINATING is recorded: all of it goes, then its end is.
Task<void> Life::finish() {
  cancel_pending("The cluster was terminated.");
  co_await end_runs();
  settle_steps();
  co_await close_notebooks();
  co_await close_history();
  if (node_) co_await node_->stop();
  node_.reset();
  co_await send_node_logs();
  co_await close_sandbox();
  co_await clean_up();
  cluster_.state =
      cluster_.with_errors ? cluster_state::kTerminatedWithErrors : cluster_state::kTerminated;
  cluster_.ended = around_.platform.clock.now();
  for (Member& member : cluster_.members) {
    if (member.over()) continue;
    member.reason = {std::string(values::instance_state_change_reason_code::kClusterTerminated),
                     "Instance was terminated with its cluster."};
    end_instance(member);
  }
  touch();
  // What cannot be written is found TERMINATING by the next server, which ends it again.
  const Status saved = co_await save();
  if (!saved.ok()) spdlog::warn("emr: end of {}: {}", cluster_.id, saved.error().message);
  spdlog::info("emr: {} {}", cluster_.id, cluster_.state);
}

// The last processes of a sandbox end a moment after its enclosure, and may write until then.
Task<void> Life::clean_up() {
  const auto remove_all = [this]() -> Status {
    TARN_CHECK(keep_history(around_.options, cluster_, around_.platform.files));
    TARN_CHECK(around_.credentials.revoke(cluster_.access_key_id));
    const std::string folder = folder_of(around_.options, cluster_);
    if (!around_.platform.files.exists(folder)) return {};
    return around_.platform.files.remove_tree(folder);
  };
  for (int i = 1;; ++i) {
    const Status clean = co_await around_.platform.tasks.offload(remove_all);
    if (clean.ok()) co_return;
    if (i == kRemovals) {
      spdlog::warn("emr: after {}: {}", cluster_.id, clean.error().message);
      co_return;
    }
    co_await around_.platform.clock.sleep(kRemovalPause);
  }
}

Task<void> Life::bound_logs() {
  const auto now = around_.platform.clock.monotonic();
  if (now - logs_bounded_at_ < kLogLook) co_return;
  logs_bounded_at_ = now;
  std::vector<std::shared_ptr<Run>> running;
  for (const auto& [id, run] : runs_) running.push_back(run);
  if (bootstrap_run_) running.push_back(bootstrap_run_);
  running.insert(running.end(), guests_.begin(), guests_.end());
  for (const auto& run : running) co_await run->bound_logs();
  const auto bound = [&files = around_.platform.files,
                      folder = folder_of(around_.options, cluster_)]() -> Status {
    for (const char* name : {"/log/master.log", "/log/worker.log", "/history.log"}) {
      if (files.exists(folder + name)) TARN_CHECK(bound_log(files, folder + name));
    }
    return {};
  };
  const Status bounded = co_await around_.platform.tasks.offload(bound);
  if (!bounded.ok()) spdlog::warn("emr: logs of {}: {}", cluster_.id, bounded.error().message);
}

// As EMR lays daemons' logs out:
// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-view-web-log-files.html
Task<void> Life::send_node_logs() {
  const LogTarget target =
      log_target(fmt::format("node/{}/applications/spark/", instance_of(cluster_)));
  for (const char* name : {"master.log", "worker.log"}) {
    if (target.folder.empty()) co_return;
    std::string folder = folder_of(around_.options, cluster_) + "/log";
    std::string file = name;
    LogTarget to = target;
    const Status sent = co_await send_log(around_.platform, around_.logs, std::move(folder),
                                          std::move(file), std::move(to));
    if (!sent.ok()) spdlog::warn("emr: logs of {}: {}", cluster_.id, sent.error().message);
  }
}

}  // namespace tarn::emr
