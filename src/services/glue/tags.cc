// Tags of databases and tables in the metastore.
#include <utility>

#include "base/ids.h"
#include "gateway/system_tags.h"
#include "services/glue/records.h"

namespace tarn::glue {
namespace {

using store::Space;

// https://docs.aws.amazon.com/glue/latest/dg/monitor-tags.html
constexpr std::size_t kMaxTags = 50;

// Database, and table where the ARN names one.
struct Tagged {
  std::string database;
  std::string table;
};

Result<Tagged> tagged_of(const Owner& owner, const std::string& arn) {
  const std::string databases = make_arn("glue", owner.region, owner.account, "database/");
  const std::string tables = make_arn("glue", owner.region, owner.account, "table/");
  if (arn.starts_with(databases)) return Tagged{arn.substr(databases.size()), {}};
  if (arn.starts_with(tables)) {
    const std::string rest = arn.substr(tables.size());
    if (const auto slash = rest.find('/'); slash != std::string::npos) {
      return Tagged{rest.substr(0, slash), rest.substr(slash + 1)};
    }
  }
  return invalid_input("ResourceArn " + arn +
                       " names neither a database nor a table of this account and Region.");
}

}  // namespace

Result<std::map<std::string, std::string>> Metastore::tags(const Owner& owner,
                                                           const std::string& arn) {
  TARN_TRY(const auto tagged, tagged_of(owner, arn));
  if (tagged.table.empty()) {
    TARN_CHECK(database(owner, tagged.database));
  } else {
    TARN_CHECK(require_table(owner, tagged.database, tagged.table));
  }
  TARN_TRY(const auto bytes, store_.get(Space::kGlue, key_of(Record::kTags, owner, {arn})));
  if (!bytes) return std::map<std::string, std::string>();
  return decode_tags(*bytes);
}

Status Metastore::tag(const Owner& owner, const std::string& arn,
                      const std::map<std::string, std::string>& added,
                      const std::vector<std::string>& removed) {
  TARN_TRY(const auto tagged, tagged_of(owner, arn));
  const auto held = lock(owner, tagged.database);
  TARN_TRY(auto now, tags(owner, arn));
  for (const auto& [name, value] : added) now.insert_or_assign(name, value);
  for (const auto& name : removed) now.erase(name);
  if (gateway::count_own_tags(now) > kMaxTags)
    return invalid_input("A resource has at most 50 tags.");
  store::Batch batch;
  batch.put(Space::kGlue, key_of(Record::kTags, owner, {arn}), encode_tags(now));
  return store_.commit(batch);
}

}  // namespace tarn::glue
