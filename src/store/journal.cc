#include "store/journal.h"

#include <utility>

namespace tarn::store {
namespace {

void append_edits(const Batch& from, Batch& to) {
  using Kind = Batch::Edit::Kind;
  for (const Batch::Edit& edit : from.edits()) {
    switch (edit.kind) {
      case Kind::kPut: to.put(edit.space, edit.key, edit.value); break;
      case Kind::kRemove: to.remove(edit.space, edit.key); break;
      case Kind::kRemoveRange: to.remove_range(edit.space, edit.key, edit.value); break;
    }
  }
}

}  // namespace

Task<Status> Journal::commit(Batch batch) {
  const auto entry = std::make_shared<Entry>();
  entry->batch = std::move(batch);
  waiting_.push_back(entry);
  if (!writing_) {
    writing_ = true;
    start(write_all());
  }
  co_return co_await entry->done;
}

Task<void> Journal::write_all() {
  while (!waiting_.empty()) {
    const auto entries = std::exchange(waiting_, {});
    Batch all;
    for (const auto& entry : entries) append_edits(entry->batch, all);
    const auto write = [&] {
      return store_.commit(all);
    };
    const Status written = co_await platform_.tasks.offload(write);
    for (const auto& entry : entries) entry->done.set(written);
  }
  writing_ = false;
}

}  // namespace tarn::store
