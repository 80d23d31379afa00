#include "services/s3/md5_lanes.h"

#include <algorithm>

namespace tarn::s3 {
namespace {

// Of one round: more lanes would make the first of them wait for the last.
constexpr std::size_t kTogether = 4;

}  // namespace

void Md5Lanes::add(wire::Md5& stream, std::string_view data, std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({{&stream, data}, std::move(done)});
    if (std::exchange(draining_, true)) return;
  }
  post_([this] { drain(); });
}

std::vector<Md5Lanes::Waiting> Md5Lanes::take() {
  const std::lock_guard lock(mutex_);
  const auto end =
      waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(kTogether, waiting_.size()));
  std::vector<Waiting> taken(std::make_move_iterator(waiting_.begin()),
                             std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  if (taken.empty()) draining_ = false;
  return taken;
}

void Md5Lanes::drain() {
  for (std::vector<Waiting> taken = take(); !taken.empty(); taken = take()) {
    std::vector<wire::Md5::Addition> additions;
    additions.reserve(taken.size());
    for (const Waiting& each : taken) additions.push_back(each.addition);
    wire::Md5::update_together(additions);
    for (Waiting& each : taken) post_(std::move(each.done));
  }
}

}  // namespace tarn::s3
