#include "services/emr/studios.h"

#include <algorithm>
#include <utility>

#include "base/ids.h"
#include "services/emr/studio_record.h"

namespace tarn::emr {

std::string StudioRecord::arn() const {
  return make_arn("elasticmapreduce", region, account, "studio/" + id);
}

StudioMapping* StudioRecord::find_mapping(std::string_view type, std::string_view identity,
                                          std::string_view name) {
  const auto found = std::find_if(mappings.begin(), mappings.end(), [&](const auto& each) {
    return each.identity_type == type && (identity.empty() || each.identity_id == identity) &&
           (name.empty() || each.identity_name == name);
  });
  return found == mappings.end() ? nullptr : &*found;
}

Status Studios::load(store::Store& store) {
  TARN_TRY(const auto records, store.scan(store::Space::kEmr, kStudioPrefix));
  for (const auto& [key, record] : records) {
    TARN_TRY(StudioRecord studio, decode_studio(record));
    const std::string id = studio.id;
    all_.emplace(id, std::move(studio));
  }
  return {};
}

Task<Status> Studios::put(StudioRecord studio) {
  store::Batch batch;
  batch.put(store::Space::kEmr, studio_key(studio.id), encode(studio));
  TARN_CO_CHECK(co_await journal_.commit(std::move(batch)));
  const std::string id = studio.id;
  all_.insert_or_assign(id, std::move(studio));
  co_return Status();
}

Task<Status> Studios::remove(std::string id) {
  store::Batch batch;
  batch.remove(store::Space::kEmr, studio_key(id));
  TARN_CO_CHECK(co_await journal_.commit(std::move(batch)));
  all_.erase(id);
  co_return Status();
}

const StudioRecord* Studios::find(const Caller& caller, std::string_view id) const {
  const auto found = all_.find(id);
  if (found == all_.end()) return nullptr;
  const StudioRecord& studio = found->second;
  const bool own = studio.account == caller.account_id && studio.region == caller.region;
  return own ? &studio : nullptr;
}

std::vector<const StudioRecord*> Studios::list(const Caller& caller) const {
  std::vector<const StudioRecord*> out;
  for (const auto& [id, studio] : all_) {
    if (find(caller, id) != nullptr) out.push_back(&studio);
  }
  std::sort(out.begin(), out.end(), [](const StudioRecord* a, const StudioRecord* b) {
    return std::pair(a->created, a->id) > std::pair(b->created, b->id);
  });
  return out;
}

}  // namespace tarn::emr
