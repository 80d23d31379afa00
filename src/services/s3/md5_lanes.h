// Md5Lanes: the MD5 of all uploads under way, several at a time.
//
// Place: services/s3, under Bodies. Threads: safe from any thread.
//
// An ETag is an MD5, and MD5 is half of what an upload costs a processor. What waits is taken
// together and hashed side by side (wire/md5.h), by one job at a time, so that more uploads at once
// make it cheaper for each.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/md5.h"

namespace tarn::s3 {

class Md5Lanes {
 public:
  // `post` runs a job on the pool of threads that may block, and outlives this.
  explicit Md5Lanes(std::function<void(std::function<void()>)> post) : post_(std::move(post)) {}

  // Adds `data` to `stream`, then runs `done` by `post`. Both live until then; a stream has one
  // addition at a time.
  void add(wire::Md5& stream, std::string_view data, std::function<void()> done);

 private:
  struct Waiting {
    wire::Md5::Addition addition;
    std::function<void()> done;
  };

  void drain();
  [[nodiscard]] std::vector<Waiting> take();

  std::function<void(std::function<void()>)> post_;
  std::mutex mutex_;
  std::deque<Waiting> waiting_;  // at most one of each upload
  bool draining_ = false;
};

}  // namespace tarn::s3
