// Life: its bootstrap actions and steps.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/emr/life.h"
#include "services/emr/security_configuration.h"

namespace tarn::emr {
namespace {

using std::chrono::milliseconds;

}  // namespace

LogTarget Life::log_target(const std::string& place) const {
  LogTarget out;
  const std::string folder = cluster_.log_folder();
  if (folder.empty()) return out;
  out.folder = folder + place;
  if (!cluster_.security.empty()) {
    if (const auto security = read_security(cluster_.security); security.ok())
      out.encryption = security->s3;
  }
  return out;
}

// One action a time; the tick that finds one ended starts the next.
// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-bootstrap.html
Task<void> Life::bootstrap() {
  const auto& actions = cluster_.request.bootstrap_actions;
  const std::size_t count = actions ? actions->size() : 0;
  if (bootstrap_run_) {
    if (!bootstrap_run_->done()) co_return;
    const platform::ExitStatus status = bootstrap_run_->status();
    bootstrap_run_.reset();
    ++bootstrap_done_;
    if (!status.success()) {
      terminate(reason_code::kBootstrapFailure,
                fmt::format("On the master instance ({}), bootstrap action {} returned a non-zero "
                            "return code ({})",
                            instance_of(cluster_), bootstrap_done_, status.text()),
                true);
      co_return;
    }
  }
  if (bootstrap_done_ < count) {
    show(cluster_state::kBootstrapping, "Running bootstrap actions");
    co_await run_bootstrap_action(bootstrap_done_);
    co_return;
  }
  cluster_.bootstrapped = true;
  touch();
}

Task<void> Life::run_bootstrap_action(std::size_t number) {
  // BOOTSTRAPPING is on the disk before the action acts.
  const Status saved = co_await save();
  if (!saved.ok()) co_return;
  const std::string place = std::to_string(number + 1);
  Run::Plan plan;
  const std::string name = "bootstrap/" + place;
  plan.folder = folder_of(around_.options, cluster_) + "/" + name;
  plan.order =
      bootstrap_order((*cluster_.request.bootstrap_actions)[number].script_bootstrap_action);
  plan.box = *box_;
  plan.process = run_process(around_.options, cluster_, keys_, plan.box, name);
  plan.logs =
      log_target(fmt::format("node/{}/bootstrap-actions/{}/", instance_of(cluster_), place));
  auto run =
      co_await Run::launch(around_.platform, around_.sandboxes, around_.logs, std::move(plan));
  if (run.ok()) {
    bootstrap_run_ = *run;
    co_return;
  }
  terminate(reason_code::kBootstrapFailure,
            fmt::format("Bootstrap action {} could not be started: {}", place, run.error().message),
            true);
}

Task<void> Life::run_steps() {
  for (std::size_t place = 0; place < cluster_.steps.size(); ++place) {
    if (cluster_.steps[place].state != step_state::kPending) continue;
    if (runs_.size() >= static_cast<std::size_t>(cluster_.step_concurrency)) break;
    co_await start_step(place);
    if (!cluster_.living()) break;
  }
}

Task<void> Life::start_step(std::size_t place) {
  {
    StepRecord& step = cluster_.steps[place];
    step.state = step_state::kRunning;
    step.started = around_.platform.clock.now();
    touch(step);
    show(cluster_state::kRunning, "Running step");
  }
  const Status saved = co_await save();
  // Steps may have been added meanwhile, and this one cancelled.
  StepRecord& step = cluster_.steps[place];
  if (!saved.ok()) {
    step.state = step_state::kPending;
    step.started.reset();
    co_return;
  }
  Run::Plan plan;
  const std::string name = "steps/" + step.id;
  plan.folder = folder_of(around_.options, cluster_) + "/" + name;
  plan.order = step_order(step.config);
  plan.box = *box_;
  plan.process = run_process(around_.options, cluster_, keys_, plan.box, name);
  plan.logs = log_target(fmt::format("steps/{}/", step.id));
  const std::string id = step.id;
  auto run =
      co_await Run::launch(around_.platform, around_.sandboxes, around_.logs, std::move(plan));
  StepRecord& after = cluster_.steps[place];
  if (run.ok()) {
    if (after.state == step_state::kCancelPending) (*run)->cancel(false);
    runs_.emplace(id, *run);
    co_return;
  }
  after.state = step_state::kFailed;
  after.ended = around_.platform.clock.now();
  after.why = fmt::format("The step could not be started: {}", run.error().message);
  touch(after);
  act_on_failure(after);
}

Task<Result<std::shared_ptr<Run>>> Life::run_guest(std::string name, std::string order) {
  if (!node_ || !box_ || !cluster_.living())
    co_return Error(code::kInvalid, fmt::format("cluster {} is {}", cluster_.id, cluster_.state));
  Run::Plan plan;
  plan.folder = folder_of(around_.options, cluster_) + "/" + name;
  plan.order = std::move(order);
  plan.box = *box_;
  plan.process = run_process(around_.options, cluster_, keys_, *box_, name);
  plan.logs = log_target(name + "/");
  ++guests_starting_;
  auto run =
      co_await Run::launch(around_.platform, around_.sandboxes, around_.logs, std::move(plan));
  --guests_starting_;
  if (!run.ok()) co_return std::move(run).error();
  guests_.push_back(*run);
  // The cluster may have begun to end meanwhile.
  if (!cluster_.living() || stopping_) (*run)->cancel(true);
  co_return *run;
}

void Life::settle_steps() {
  std::erase_if(guests_, [](const std::shared_ptr<Run>& guest) { return guest->done(); });
  for (auto it = runs_.begin(); it != runs_.end();) {
    if (!it->second->done()) {
      ++it;
      continue;
    }
    const std::shared_ptr<Run> run = it->second;
    StepRecord* const step = cluster_.find_step(it->first);
    it = runs_.erase(it);
    if (step != nullptr) settle_step(*step, *run);
  }
}

void Life::settle_step(StepRecord& step, const Run& run) {
  step.ended = around_.platform.clock.now();
  touch(step);
  if (step.state == step_state::kCancelPending) {
    step.state = step_state::kCancelled;
    step.why = "Cancelled by user";
  } else if (!cluster_.living() && !run.status().success()) {
    step.state = step_state::kInterrupted;
    step.why = "The cluster was terminated while the step ran.";
  } else if (run.status().success()) {
    step.state = step_state::kCompleted;
  } else {
    step.state = step_state::kFailed;
    const std::string why = run.why_killed().empty() ? "" : ": " + run.why_killed();
    step.why = fmt::format("The step ended with {}{}.", run.status().text(), why);
    step.last_words = run.last_words();
    act_on_failure(step);
  }
  spdlog::info("emr: {} step {} {} {}", cluster_.id, step.id, step.state, step.why);
}

// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-work-with-steps.html
void Life::act_on_failure(const StepRecord& step) {
  const std::string_view action = step.on_failure();
  if (action == values::action_on_failure::kContinue) return;
  cancel_pending("An earlier step failed.");
  if (action == values::action_on_failure::kCancelAndWait) return;
  if (cluster_.termination_protected) return;
  terminate(reason_code::kStepFailure, "Shut down as step failed", true);
}

void Life::cancel_pending(std::string_view why) {
  for (StepRecord& step : cluster_.steps) {
    if (step.state != step_state::kPending) continue;
    step.state = step_state::kCancelled;
    step.ended = around_.platform.clock.now();
    step.why = why;
    touch(step);
  }
}

bool Life::cancel_step(StepRecord& step, bool by_force) {
  if (step.state == step_state::kPending) {
    step.state = step_state::kCancelled;
    step.ended = around_.platform.clock.now();
    step.why = "Cancelled by user";
    touch(step);
    return true;
  }
  if (step.state != step_state::kRunning) return false;
  step.state = step_state::kCancelPending;
  touch(step);
  const auto run = runs_.find(step.id);
  if (run != runs_.end()) run->second->cancel(by_force);
  return true;
}

void Life::enforce_cancels() {
  const auto now = around_.platform.clock.monotonic();
  for (const auto& [id, run] : runs_) {
    if (run->cancelled() && now - run->cancelled_at() > kCancelPatience) run->cancel(true);
  }
}

void Life::recover() {
  for (StepRecord& step : cluster_.steps) {
    if (step.state != step_state::kRunning && step.state != step_state::kCancelPending) continue;
    const bool was_cancelled = step.state == step_state::kCancelPending;
    step.state = was_cancelled ? step_state::kCancelled : step_state::kFailed;
    step.ended = around_.platform.clock.now();
    step.why = was_cancelled
                   ? "Cancelled by user"
                   : "The server stopped while the step ran, and its processes ended with it.";
    touch(step);
    if (!was_cancelled) act_on_failure(step);
  }
  for (Member& member : cluster_.members) {
    if (!member.over()) member.state = instance_state::kProvisioning;
  }
  if (cluster_.living()) {
    show(cluster_state::kStarting, "The server was restarted; Spark is started again.");
  }
}

Task<void> Life::end_runs() {
  if (bootstrap_run_) bootstrap_run_->cancel(true);
  for (const auto& [id, run] : runs_) run->cancel(true);
  for (const auto& guest : guests_) guest->cancel(true);
  for (const auto& [id, run] : runs_) {
    while (!run->done()) co_await around_.platform.clock.sleep(milliseconds(20));
  }
  while (bootstrap_run_ && !bootstrap_run_->done()) {
    co_await around_.platform.clock.sleep(milliseconds(20));
  }
  const auto runs_on = [](const std::shared_ptr<Run>& guest) {
    return !guest->done();
  };
  while (guests_starting_ > 0 || std::any_of(guests_.begin(), guests_.end(), runs_on)) {
    co_await around_.platform.clock.sleep(milliseconds(20));
  }
}

}  // namespace tarn::emr
