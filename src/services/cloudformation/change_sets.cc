#include "services/cloudformation/change_sets.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kChangeSetPrefix = "c/";
constexpr int kChangeSetFormat = 1;
constexpr std::chrono::milliseconds kWatchEvery{20};
constexpr int kWatches = 50;

Json encode_change(const PlannedChange& change) {
  Json details = Json::array();
  for (const ChangeDetail& each : change.details) {
    Json& out = details.emplace_back(Json{{"attribute", each.attribute},
                                          {"property", each.property},
                                          {"recreation", each.recreation},
                                          {"evaluation", each.evaluation},
                                          {"source", each.source},
                                          {"cause", each.cause}});
    if (each.before) out["before"] = *each.before;
    if (each.after) out["after"] = *each.after;
  }
  return {{"action", change.action},
          {"name", change.name},
          {"type", change.type},
          {"physical_id", change.physical_id},
          {"replacement", change.replacement},
          {"details", details},
          {"before", change.before},
          {"after", change.after}};
}

PlannedChange decode_change(const Json& from) {
  PlannedChange out;
  out.action = from.value("action", "");
  out.name = from.value("name", "");
  out.type = from.value("type", "");
  out.physical_id = from.value("physical_id", "");
  out.replacement = from.value("replacement", "");
  out.before = from.value("before", "");
  out.after = from.value("after", "");
  for (const Json& each : from.value("details", Json::array())) {
    ChangeDetail& detail = out.details.emplace_back();
    detail.attribute = each.value("attribute", "");
    detail.property = each.value("property", "");
    detail.recreation = each.value("recreation", "");
    detail.evaluation = each.value("evaluation", "");
    detail.source = each.value("source", "");
    detail.cause = each.value("cause", "");
    if (each.contains("before")) detail.before = each["before"].get<std::string>();
    if (each.contains("after")) detail.after = each["after"].get<std::string>();
  }
  return out;
}

}  // namespace

std::string change_set_key(const ChangeSetRecord& set) {
  return fmt::format("{}{}", kChangeSetPrefix, set.id);
}

std::string encode(const ChangeSetRecord& set) {
  Json changes = Json::array();
  for (const PlannedChange& each : set.changes) changes.push_back(encode_change(each));
  Json out = {{"format", kChangeSetFormat},
              {"id", set.id},
              {"name", set.name},
              {"stack", set.stack_id},
              {"description", set.description},
              {"creates", set.creates},
              {"imports", set.imports},
              {"status", set.status},
              {"reason", set.reason},
              {"on_failure", set.on_failure},
              {"created_ms", set.created_ms},
              {"target", encode_state(set.target)},
              {"changes", std::move(changes)},
              {"updates", set.updates},
              {"executed", set.is_executed}};
  if (set.role_arn) out["role_arn"] = *set.role_arn;
  return out.dump();
}

Result<ChangeSetRecord> decode_change_set(std::string_view record) {
  const Json from = wire::parse_json(record);
  if (!from.is_object() || from.value("format", 0) != kChangeSetFormat)
    return tarn::Error(code::kCorrupt, "cloudformation: a change set's record cannot be read");
  ChangeSetRecord out;
  out.id = from.value("id", "");
  out.name = from.value("name", "");
  out.stack_id = from.value("stack", "");
  out.description = from.value("description", "");
  out.creates = from.value("creates", false);
  for (const auto& [name, id] : from.value("imports", Json::object()).items())
    out.imports[name] = id.get<std::string>();
  out.status = from.value("status", "");
  out.reason = from.value("reason", "");
  out.on_failure = from.value("on_failure", "");
  out.created_ms = from.value("created_ms", std::int64_t{0});
  out.updates = from.value("updates", std::uint64_t{0});
  out.is_executed = from.value("executed", false);
  if (from.contains("role_arn")) out.role_arn = from["role_arn"].get<std::string>();
  read_state(from.value("target", Json::object()), out.target);
  for (const Json& each : from.value("changes", Json::array()))
    out.changes.push_back(decode_change(each));
  return out;
}

Status ChangeSets::load() {
  TARN_TRY(const auto records, store_.scan(store::Space::kCloudFormation, kChangeSetPrefix));
  for (const auto& [key, record] : records) {
    TARN_TRY(ChangeSetRecord set, decode_change_set(record));
    const std::string id = set.id;
    sets_.emplace(id, std::make_shared<ChangeSetRecord>(std::move(set)));
  }
  return {};
}

Result<std::shared_ptr<ChangeSetRecord>> ChangeSets::find(
    const Caller& caller, const std::string& name_or_id,
    const std::optional<std::string>& stack) const {
  const tarn::Error not_found("ChangeSetNotFound",
                              fmt::format("ChangeSet [{}] does not exist", name_or_id), 404);
  if (name_or_id.starts_with("arn:")) {
    const auto found = sets_.find(name_or_id);
    if (found == sets_.end()) return not_found;
    TARN_TRY(const auto of, stacks_.find(caller, found->second->stack_id));
    return found->second;
  }
  if (!stack) {
    return tarn::Error("ValidationError",
                       "StackName must be specified if ChangeSetName is not specified as an ARN.",
                       400);
  }
  TARN_TRY(const auto of, stacks_.find(caller, *stack));
  for (const auto& [id, set] : sets_) {
    if (set->stack_id == of->id && set->name == name_or_id) return set;
  }
  return not_found;
}

std::vector<std::shared_ptr<const ChangeSetRecord>> ChangeSets::list(
    const StackRecord& stack) const {
  std::vector<std::shared_ptr<const ChangeSetRecord>> out;
  for (const auto& [id, set] : sets_) {
    if (set->stack_id == stack.id) out.push_back(set);
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return std::pair(a->created_ms, a->id) < std::pair(b->created_ms, b->id);
  });
  return out;
}

std::string_view ChangeSets::execution_status(const ChangeSetRecord& set) const {
  const auto stack = stacks_.find_by_id(set.stack_id);
  if (set.status != status::kCreateComplete || stack == nullptr) return "UNAVAILABLE";
  if (!set.is_executed) return stack->updates == set.updates ? "AVAILABLE" : "OBSOLETE";
  if (stack->is_busy()) return "EXECUTE_IN_PROGRESS";
  const bool complete =
      stack->status == status::kCreateComplete || stack->status == status::kUpdateComplete;
  return complete ? "EXECUTE_COMPLETE" : "EXECUTE_FAILED";
}

Task<Result<std::shared_ptr<const ChangeSetRecord>>> ChangeSets::add(Caller caller,
                                                                     ChangeSetRecord set) {
  for (const auto& [id, other] : sets_) {
    if (other->stack_id == set.stack_id && other->name == set.name) {
      co_return tarn::Error("AlreadyExistsException",
                            fmt::format("ChangeSet {} already exists", set.name), 400);
    }
  }
  set.id = make_arn("cloudformation", caller.region, caller.account_id,
                    fmt::format("changeSet/{}/{}", set.name, platform_.random.uuid()));
  set.created_ms = platform_.clock.now().ms;
  auto kept = std::make_shared<ChangeSetRecord>(std::move(set));
  sets_.emplace(kept->id, kept);
  store::Batch batch;
  batch.put(store::Space::kCloudFormation, change_set_key(*kept), encode(*kept));
  const Status written = co_await journal_.commit(std::move(batch));
  if (!written.ok()) {
    sets_.erase(kept->id);
    co_return written.error();
  }
  std::shared_ptr<const ChangeSetRecord> out = kept;
  co_return out;
}

Task<Status> ChangeSets::executed(std::shared_ptr<ChangeSetRecord> set) {
  set->is_executed = true;
  store::Batch batch;
  batch.put(store::Space::kCloudFormation, change_set_key(*set), encode(*set));
  std::erase_if(sets_, [&](const auto& each) {
    if (each.second == set || each.second->stack_id != set->stack_id) return false;
    batch.remove(store::Space::kCloudFormation, change_set_key(*each.second));
    return true;
  });
  co_return co_await journal_.commit(std::move(batch));
}

Task<void> ChangeSets::watch(std::string stack_id) {
  for (int i = 0; i < kWatches; ++i) {
    const auto stack = stacks_.find_by_id(stack_id);
    if (stack == nullptr || !stack->is_busy()) co_return;
    co_await platform_.clock.sleep(kWatchEvery);
  }
}

Task<Status> ChangeSets::remove(std::shared_ptr<ChangeSetRecord> set) {
  sets_.erase(set->id);
  store::Batch batch;
  batch.remove(store::Space::kCloudFormation, change_set_key(*set));
  co_return co_await journal_.commit(std::move(batch));
}

}  // namespace tarn::cloudformation
