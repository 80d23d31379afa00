#include "services/emr/node.h"

#include <csignal>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/emr/launch.h"

namespace tarn::emr {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kAskPatience{2000};
constexpr milliseconds kAskEvery{1000};  // of a cluster that is ready

}  // namespace

Node::Node(platform::Platform& platform, platform::Network& network,
           const sandbox::Sandboxes& sandboxes, std::string address, std::uint16_t page_port,
           MasterSpec master_spec, Workers::Start start_worker)
    : platform_(platform),
      network_(network),
      sandboxes_(sandboxes),
      address_(address),
      page_port_(page_port),
      master_spec_(std::move(master_spec)),
      workers_(platform, network, sandboxes, std::move(address), page_port,
               std::move(start_worker)),
      not_ready_since_(platform.clock.monotonic()) {}

Task<void> Node::look() {
  note_end();
  check_time();
  if (!failure_.empty()) co_return;
  if (!master_) {
    start();
    heard_ = platform_.clock.monotonic();
  }
  co_await ask();
  // A worker that finds no master tries again only after several seconds
  // (org.apache.spark.deploy.worker.Worker, INITIAL_REGISTRATION_RETRIES).
  co_await workers_.look(page_ ? &*page_ : nullptr);
  if (std::string trouble = workers_.take_trouble(); !trouble.empty()) {
    trouble_ = std::move(trouble);
    page_.reset();
    next_question_ = {};
  }
  if (!workers_.failure().empty()) {
    failure_ = fmt::format("{}; its log is in the folder of {}.", workers_.failure(),
                           master_spec_().output_path);
  }
  const bool answers = page_ && page_->alive;
  const bool was_ready = std::exchange(ready_, answers && workers_.any_serves());
  if (ready_) trouble_.clear();
  if (was_ready && !ready_) not_ready_since_ = platform_.clock.monotonic();
}

void Node::note_end() {
  if (!master_ || !master_->exited()) return;
  const std::string how = sandboxes_.ended(*master_->exited()).text();
  master_.reset();
  page_.reset();
  workers_.lost_master();
  next_question_ = {};
  const auto now = platform_.clock.monotonic();
  if (ready_) not_ready_since_ = now;
  ready_ = false;
  trouble_ = fmt::format("The Spark master ended ({}) and is started again.", how);
  spdlog::warn("emr: {} {}", address_, trouble_);
  deaths_.push_back(now);
  while (now - deaths_.front() > kDeathWindow) deaths_.pop_front();
  if (deaths_.size() <= kMostDeaths) return;
  failure_ = fmt::format(
      "The Spark master ended {} times within {} minutes, at last with {}; its log is {}.",
      deaths_.size(), kDeathWindow.count(), how, master_spec_().output_path);
}

// Late is as bad as dead.
void Node::check_time() {
  const auto now = platform_.clock.monotonic();
  if (ready_ || !failure_.empty()) return;
  // Nothing is asked for, or an old worker has yet to make room.
  const bool answers = page_ && page_->alive;
  if (answers && (!workers_.wants_any() || workers_.any_drains())) not_ready_since_ = now;
  if (now - not_ready_since_ > kStartLimit) {
    failure_ = fmt::format(
        "Spark did not offer executors within {} s; its logs are in the folder "
        "of {}.",
        kStartLimit.count(), master_spec_().output_path);
  }
}

void Node::start() {
  auto started = platform_.processes.spawn(master_spec_());
  if (started.ok()) {
    master_ = std::move(started).value();
    return;
  }
  failure_ = fmt::format("The Spark master could not be started: {}", started.error().message);
}

Task<void> Node::ask() {
  if (!failure_.empty() || platform_.clock.monotonic() < next_question_) co_return;
  const auto question = [this] {
    return network_.get(address_, page_port_, "/json/", kAskPatience);
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
    if (ready_ && !workers_.any_drains()) next_question_ = now + kAskEvery;
    co_return;
  }
  if (now - heard_ > kSilenceLimit && master_) {
    spdlog::warn("emr: the master at {} did not answer for {} s", address_, kSilenceLimit.count());
    master_->signal_group(SIGKILL);
  }
}

Task<void> Node::stop() {
  ready_ = false;
  page_.reset();
  co_await workers_.stop();
  if (!master_) co_return;
  co_await end_process(platform_, *master_);
  master_.reset();
}

}  // namespace tarn::emr
