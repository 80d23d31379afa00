// Journal: changes on their way to the store, in the order in which they were made.
//
// Place: store; one for each service that records what it is about to do. Threads: the control
// strand only; the store is written on the blocking pool, one batch at a time, which takes all that
// came meanwhile.
#pragma once

#include <deque>
#include <memory>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "store/store.h"

namespace tarn::store {

class Journal {
 public:
  Journal(platform::Platform& platform, Store& store) : platform_(platform), store_(store) {}

  // Durable when it ends. Errors: kIo, kDiskFull.
  [[nodiscard]] Task<Status> commit(Batch batch);

 private:
  struct Entry {
    Batch batch;
    platform::Completion<Status> done;
  };

  Task<void> write_all();

  platform::Platform& platform_;
  Store& store_;
  std::deque<std::shared_ptr<Entry>> waiting_;
  bool writing_ = false;
};

}  // namespace tarn::store
