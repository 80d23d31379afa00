// Processes: children of the server, each with an owner.
//
// Place: platform/real. Threads: as platform/processes.h says. Must be made after and go before its
// Threads; every Process must go before its Processes.
//
// All children are started by one thread that lives as long as this object, because the kernel ties
// PR_SET_PDEATHSIG to the parent thread. A child that has ended stays a zombie until its Process
// goes, so that its id, and with it its process group, cannot become another's meanwhile.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "platform/processes.h"
#include "platform/real/threads.h"

namespace tarn::platform::real {

class Processes final : public platform::Processes {
 public:
  // Lets the program ignore SIGPIPE: a child that closes its input is an error of write(), not the
  // server's end.
  explicit Processes(Threads& threads);
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;
  // Kills what is left of the children.
  ~Processes() override;

  // A name without a slash is looked for on the PATH of the child's own environment, or in the
  // system's folders.
  [[nodiscard]] Result<std::unique_ptr<Process>> spawn(ProcessSpec spec) override;

 private:
  void run();

  Threads& threads_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tarn::platform::real
