#include "services/s3/ledger.h"

#include <algorithm>
#include <iterator>

namespace tarn::s3 {
namespace {

// Of one commit: enough to share an fsync among every client, small enough to keep memory and
// latency bounded.
constexpr std::size_t kMutationsPerCommit = 256;

}  // namespace

Result<std::optional<std::string>> Draft::get(store::Space space, const std::string& key) {
  const Key wanted(space, key);
  for (const Edits* edits : {static_cast<const Edits*>(&edits_), &before_}) {
    if (const auto found = edits->find(wanted); found != edits->end()) return found->second;
  }
  return store_.get(space, key);
}

Result<std::vector<std::pair<std::string, std::string>>> Draft::scan(store::Space space,
                                                                     const std::string& prefix,
                                                                     std::size_t limit) {
  // The edits within the range, later ones over earlier ones.
  std::map<std::string, std::optional<std::string>> changed;
  for (const Edits* edits : {&before_, static_cast<const Edits*>(&edits_)}) {
    for (auto at = edits->lower_bound(Key(space, prefix)); at != edits->end(); ++at) {
      if (at->first.first != space || !at->first.second.starts_with(prefix)) break;
      changed[at->first.second] = at->second;
    }
  }
  std::map<std::string, std::string> found;
  const auto cursor = store_.cursor(space);
  for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
    if (found.size() >= limit) break;
    std::string key(cursor->key());
    if (!changed.contains(key)) found.emplace(std::move(key), cursor->value());
  }
  TARN_CHECK(cursor->status());
  for (auto& [key, value] : changed) {
    if (value) found.emplace(key, *value);
  }
  std::vector<std::pair<std::string, std::string>> out(std::make_move_iterator(found.begin()),
                                                       std::make_move_iterator(found.end()));
  if (out.size() > limit) out.resize(limit);
  return out;
}

void Draft::put(store::Space space, std::string key, std::string value) {
  edits_[Key(space, std::move(key))] = std::move(value);
}

void Draft::remove(store::Space space, std::string key) {
  edits_[Key(space, std::move(key))] = std::nullopt;
}

Ledger::Ledger(store::Store& store, platform::Tasks& tasks, Admit admit, Discard discard)
    : store_(store), tasks_(tasks), admit_(std::move(admit)), discard_(std::move(discard)) {}

Ledger::~Ledger() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return !running_; });
}

// Goes with the job that runs the queue.
struct Ledger::Started {
  explicit Started(Ledger& owner) : ledger(owner) {}
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;
  ~Started() {
    if (now) return;
    const std::lock_guard lock(ledger.mutex_);
    ledger.running_ = false;
    ledger.idle_.notify_all();
  }

  Ledger& ledger;
  bool now = false;
};

Task<Status> Ledger::apply(Mutation mutation, bool adds) {
  Waiting waiting;
  waiting.mutation = std::move(mutation);
  waiting.adds = adds;
  bool start = false;
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(&waiting);
    start = !std::exchange(running_, true);
  }
  if (start) {
    // A pool that has stopped drops the job: then nobody runs, and the destructor must not wait.
    auto started = std::make_shared<Started>(*this);
    tasks_.post_blocking([this, started = std::move(started)] {
      started->now = true;
      run();
    });
  }
  co_return co_await waiting.done;
}

void Ledger::run() {
  for (;;) {
    std::vector<Waiting*> group;
    {
      const std::lock_guard lock(mutex_);
      const std::size_t count = std::min(queue_.size(), kMutationsPerCommit);
      group.assign(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
      if (group.empty()) {
        running_ = false;
        idle_.notify_all();
        return;
      }
    }
    commit(group);
  }
}

bool Ledger::prepare(Waiting& waiting, Draft::Edits& edits, std::vector<BodyId>& discarded) {
  Draft draft(store_, edits);
  waiting.outcome = waiting.mutation(draft);
  if (!waiting.outcome.ok()) return false;
  for (auto& [key, value] : draft.edits_) edits[key] = std::move(value);
  discarded.insert(discarded.end(), draft.discarded_.begin(), draft.discarded_.end());
  return true;
}

void Ledger::commit(const std::vector<Waiting*>& group) {
  Draft::Edits edits;
  std::vector<BodyId> discarded;
  std::vector<Waiting*> members;
  const Status admitted = admit_();
  for (Waiting* waiting : group) {
    if (waiting->adds && !admitted.ok()) {
      waiting->outcome = admitted;
    } else if (prepare(*waiting, edits, discarded)) {
      members.push_back(waiting);
    }
  }
  if (!edits.empty()) {
    store::Batch batch;
    for (auto& [key, value] : edits) {
      if (value) {
        batch.put(key.first, key.second, std::move(*value));
      } else {
        batch.remove(key.first, key.second);
      }
    }
    const Status committed = store_.commit(batch);
    if (!committed.ok()) {
      for (Waiting* waiting : members) waiting->outcome = committed;
      discarded.clear();
    }
  }
  // A waiter is gone as soon as its result is set.
  for (Waiting* waiting : group) {
    Status outcome = std::move(waiting->outcome);
    waiting->done.set(std::move(outcome));
  }
  if (!discarded.empty()) discard_(discarded);
}

}  // namespace tarn::s3
