#include "services/logs/groups.h"

#include <utility>

namespace tarn::logs {

using store::Space;

Error no_such_group() {
  return {"ResourceNotFoundException", "The specified log group does not exist."};
}

std::shared_ptr<const GroupRecord> Group::record() const {
  const std::lock_guard lock(mutex_);
  return record_;
}

void Group::set_record(GroupRecord record) {
  auto shared = std::make_shared<const GroupRecord>(std::move(record));
  const std::lock_guard lock(mutex_);
  record_ = std::move(shared);
}

Status Groups::count_bytes(Group& group) {
  const std::string prefix = stream_prefix(group.id());
  const auto cursor = store_.cursor(Space::kLogs);
  std::int64_t bytes = 0;
  for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
    TARN_TRY(const StreamRecord stream, decode_stream(cursor->value()));
    bytes += stream.bytes;
  }
  group.bytes = bytes;
  return cursor->status();
}

Status Groups::load() {
  const std::lock_guard lock(mutex_);
  TARN_TRY(const auto next, store_.get(Space::kLogs, kNextIdKey));
  if (next) {
    TARN_TRY(next_id_, decode_id(*next));
  }
  TARN_TRY(const auto stored, store_.scan(Space::kLogs, kGroupPrefix));
  for (const auto& [key, text] : stored) {
    TARN_TRY(GroupRecord record, decode_group(text));
    Name name(record.account, record.region, record.name);
    auto group = std::make_shared<Group>(std::move(record));
    TARN_CHECK(count_bytes(*group));
    groups_.emplace(std::move(name), std::move(group));
  }
  return {};
}

std::shared_ptr<Group> Groups::find(std::string_view account, std::string_view region,
                                    std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = groups_.find(std::make_tuple(account, region, name));
  return found == groups_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Group>> Groups::list(
    std::string_view account, std::string_view region, std::string_view after, std::size_t limit,
    const std::function<bool(const GroupRecord&)>& wanted) const {
  std::vector<std::shared_ptr<Group>> out;
  const std::lock_guard lock(mutex_);
  for (auto at = groups_.upper_bound(std::make_tuple(account, region, after));
       at != groups_.end() && out.size() < limit; ++at) {
    const auto& [group_account, group_region, name] = at->first;
    if (group_account != account || group_region != region) break;
    if (wanted(*at->second->record())) out.push_back(at->second);
  }
  return out;
}

std::vector<std::shared_ptr<Group>> Groups::all() const {
  std::vector<std::shared_ptr<Group>> out;
  const std::lock_guard lock(mutex_);
  out.reserve(groups_.size());
  for (const auto& [name, group] : groups_) out.push_back(group);
  return out;
}

std::uint64_t Groups::take_id(store::Batch& batch) {
  // Batches may reach the disk in another order than that of their numbers: each leaves room for
  // all that may be on their way at the same time.
  constexpr std::uint64_t kRoom = 1024;
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = next_id_++;
  batch.put(Space::kLogs, std::string(kNextIdKey), encode_id(next_id_ + kRoom));
  return id;
}

Result<std::shared_ptr<Group>> Groups::create(GroupRecord record) {
  store::Batch batch;
  record.id = take_id(batch);
  batch.put(Space::kLogs, group_key(record), encode(record));
  const Name name(record.account, record.region, record.name);
  auto group = std::make_shared<Group>(std::move(record));
  // Of two who ask at once one is told; who finds it before it is on the disk waits at its gate.
  const std::unique_lock gate(group->gate());
  {
    const std::lock_guard lock(mutex_);
    if (!groups_.emplace(name, group).second) {
      return Error("ResourceAlreadyExistsException", "The specified log group already exists");
    }
  }
  if (auto written = store_.commit(batch); !written.ok()) {
    group->is_gone = true;
    const std::lock_guard lock(mutex_);
    groups_.erase(name);
    return std::move(written).error();
  }
  return group;
}

Status Groups::change(Group& group, const std::function<Status(GroupRecord&)>& edit) {
  const std::unique_lock gate(group.gate());
  if (group.is_gone) return no_such_group();
  GroupRecord record = *group.record();
  TARN_CHECK(edit(record));
  store::Batch batch;
  batch.put(Space::kLogs, group_key(record), encode(record));
  TARN_CHECK(store_.commit(batch));
  group.set_record(std::move(record));
  return {};
}

Status Groups::drop(Group& group) {
  const std::unique_lock gate(group.gate());
  if (group.is_gone) return no_such_group();
  const auto record = group.record();
  if (record->deletion_protection) {
    return Error("ValidationException",
                 "The log group is protected against deletion: turn its deletion protection off "
                 "first (PutLogGroupDeletionProtection).");
  }
  store::Batch batch;
  batch.remove(Space::kLogs, group_key(*record));
  for (const std::string& prefix : {stream_prefix(group.id()), event_prefix(group.id())})
    batch.remove_range(Space::kLogs, prefix, store::prefix_end(prefix));
  TARN_CHECK(store_.commit(batch));
  group.is_gone = true;
  const std::lock_guard lock(mutex_);
  groups_.erase(std::make_tuple(record->account, record->region, record->name));
  return {};
}

}  // namespace tarn::logs
