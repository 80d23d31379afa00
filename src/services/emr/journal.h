// Journal: changes of clusters on their way to the store, in the order in which they were made.
//
// Place: services/emr. Threads: the control strand only; the store is written on the blocking pool,
// one batch at a time, which takes all that came meanwhile.
#pragma once

#include <deque>
#include <memory>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "store/store.h"

namespace tarn::emr {

class Journal {
 public:
  Journal(platform::Platform& platform, store::Store& store) : platform_(platform), store_(store) {}

  // Durable when it ends. Errors: kIo, kDiskFull.
  [[nodiscard]] Task<Status> commit(store::Batch batch);

 private:
  struct Entry {
    store::Batch batch;
    platform::Completion<Status> done;
  };

  Task<void> write_all();

  platform::Platform& platform_;
  store::Store& store_;
  std::deque<std::shared_ptr<Entry>> waiting_;
  bool writing_ = false;
};

}  // namespace tarn::emr
