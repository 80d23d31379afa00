// Versions of tables in the metastore.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

#include "services/glue/records.h"
#include "services/glue/version_id.h"

namespace tarn::glue {
namespace {

using store::Space;

constexpr std::size_t kDigits = 20;

std::uint64_t number_of(std::string_view version_id) {
  std::uint64_t number = 0;
  std::from_chars(version_id.data(), version_id.data() + version_id.size(), number);
  return number;
}

Error version_not_found(const std::string& version_id) {
  return {"EntityNotFoundException", "Table version " + version_id + " not found."};
}

}  // namespace

bool is_version(std::string_view version_id) {
  return !version_id.empty() && version_id.size() < kDigits - 1 &&
         std::all_of(
             version_id.begin(), version_id.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string next_version(std::string_view version_id) {
  return std::to_string(number_of(version_id) + 1);
}

std::string version_key(const Owner& owner, std::string_view database, std::string_view table,
                        std::string_view version_id) {
  std::string digits =
      std::to_string(std::numeric_limits<std::uint64_t>::max() - number_of(version_id));
  digits.insert(0, kDigits - digits.size(), '0');
  return key_of(Record::kVersion, owner, {database, table, digits});
}

Result<Table> Metastore::table_version(const Owner& owner, const std::string& database,
                                       const std::string& name, const std::string& version_id) {
  TARN_TRY(auto current, require_table(owner, database, name));
  if (version_id.empty() || version_id == current.version_id) return current;
  if (!is_version(version_id)) return invalid_input("Version id " + version_id + " is no number.");
  TARN_TRY(auto found,
           load<Table>(version_key(owner, *current.database_name, current.name, version_id)));
  if (!found) return version_not_found(version_id);
  return std::move(*found);
}

Result<Page<Table>> Metastore::table_versions(const Owner& owner, const std::string& database,
                                              const std::string& name, const PageRequest& page) {
  TARN_TRY(auto current, require_table(owner, database, name));
  PageRequest rest = page;
  // The current version heads the first page.
  if (!page.token) --rest.limit;
  TARN_TRY(auto out,
           list<Table>(key_of(Record::kVersion, owner, {*current.database_name, current.name}),
                       rest, [](const Table&) { return true; }));
  if (!page.token) out.entries.insert(out.entries.begin(), std::move(current));
  return out;
}

Status Metastore::delete_table_version(const Owner& owner, const std::string& database,
                                       const std::string& name, const std::string& version_id) {
  const auto held = lock(owner, database);
  TARN_TRY(const auto current, require_table(owner, database, name));
  if (!is_version(version_id)) return invalid_input("Version id " + version_id + " is no number.");
  if (version_id == current.version_id)
    return invalid_input("The current version of a table cannot be deleted.");
  const std::string key = version_key(owner, *current.database_name, current.name, version_id);
  TARN_TRY(const auto found, store_.get(Space::kGlue, key));
  if (!found) return version_not_found(version_id);
  store::Batch batch;
  batch.remove(Space::kGlue, key);
  return store_.commit(batch);
}

}  // namespace tarn::glue
