#include "services/emr/node.h"

#include <csignal>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "services/emr/launch.h"

namespace tarn::emr {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kAskPatience{2000};
constexpr milliseconds kAskEvery{1000};  // of a cluster that is ready
constexpr milliseconds kEndPatience{2000};
constexpr milliseconds kEndLook{20};

}  // namespace

Node::Node(platform::Platform& platform, platform::Network& network, std::string address,
           SpecOf spec_of)
    : platform_(platform),
      network_(network),
      address_(std::move(address)),
      spec_of_(std::move(spec_of)),
      not_ready_since_(platform.clock.monotonic()) {}

Task<void> Node::look() {
  note_end(master_);
  note_end(worker_);
  check_time();
  if (!failure_.empty()) co_return;
  if (!master_.process) {
    start(master_);
    heard_ = platform_.clock.monotonic();
  }
  co_await ask();
  // A worker that finds no master tries again only after several seconds
  // (org.apache.spark.deploy.worker.Worker, INITIAL_REGISTRATION_RETRIES).
  const bool answers = page_ && page_->alive;
  if (answers && !worker_.process) start(worker_);
  const bool was_ready = std::exchange(
      ready_, answers && worker_.process && !worker_.process->exited() && page_->cores > 0);
  if (ready_) trouble_.clear();
  if (was_ready && !ready_) not_ready_since_ = platform_.clock.monotonic();
}

void Node::note_end(Part& part) {
  if (!part.process || !part.process->exited()) return;
  const std::string how = part.process->exited()->text();
  // With what it left of its own: executors.
  part.process.reset();
  page_.reset();
  next_question_ = {};
  const auto now = platform_.clock.monotonic();
  if (ready_) not_ready_since_ = now;
  ready_ = false;
  trouble_ = fmt::format("The Spark {} ended ({}) and is started again.", part.role, how);
  spdlog::warn("emr: {} {}", address_, trouble_);
  part.deaths.push_back(now);
  while (now - part.deaths.front() > kDeathWindow) part.deaths.pop_front();
  if (part.deaths.size() <= kMostDeaths) return;
  failure_ = fmt::format(
      "The Spark {} ended {} times within {} minutes, at last with {}; its log is {}.", part.role,
      part.deaths.size(), kDeathWindow.count(), how, spec_of_(part.role).output_path);
}

// Late is as bad as dead.
void Node::check_time() {
  const auto now = platform_.clock.monotonic();
  if (ready_ || !failure_.empty()) return;
  if (now - not_ready_since_ > kStartLimit) {
    failure_ = fmt::format(
        "Spark did not offer executors within {} s; its logs are in the folder "
        "of {}.",
        kStartLimit.count(), spec_of_("master").output_path);
  }
}

void Node::start(Part& part) {
  auto started = platform_.processes.spawn(spec_of_(part.role));
  if (started.ok()) {
    part.process = std::move(started).value();
    return;
  }
  failure_ =
      fmt::format("The Spark {} could not be started: {}", part.role, started.error().message);
}

Task<void> Node::ask() {
  if (!failure_.empty() || platform_.clock.monotonic() < next_question_) co_return;
  const auto question = [this] {
    return network_.get(address_, kMasterPagePort, "/json/", kAskPatience);
  };
  const auto answer = co_await platform_.tasks.offload(question);
  const auto now = platform_.clock.monotonic();
  page_.reset();
  if (answer.ok()) {
    const auto page = parse_master_page(*answer);
    if (page.ok()) page_ = *page;
  }
  if (page_) {
    heard_ = now;
    if (page_->alive && page_->cores > 0) next_question_ = now + kAskEvery;
    co_return;
  }
  if (now - heard_ > kSilenceLimit && master_.process) {
    spdlog::warn("emr: the master at {} did not answer for {} s", address_, kSilenceLimit.count());
    master_.process->signal_group(SIGKILL);
  }
}

Task<void> Node::end(Part& part) {
  if (!part.process) co_return;
  part.process->signal(SIGTERM);
  const auto deadline = platform_.clock.monotonic() + kEndPatience;
  while (!part.process->exited()) {
    if (platform_.clock.monotonic() >= deadline) part.process->signal_group(SIGKILL);
    co_await platform_.clock.sleep(kEndLook);
  }
  part.process->signal_group(SIGKILL);
  part.process.reset();
}

Task<void> Node::stop() {
  ready_ = false;
  page_.reset();
  co_await end(worker_);
  co_await end(master_);
}

}  // namespace tarn::emr
