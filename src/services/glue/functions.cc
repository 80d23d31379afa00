// User-defined functions of the metastore: kept for Hive and Spark, run by nobody here.
#include <utility>

#include <re2/re2.h>

#include "services/glue/records.h"

namespace tarn::glue {
namespace {

using store::Space;

std::string function_key(const Owner& owner, const std::string& database, const std::string& name) {
  return key_of(Record::kFunction, owner, {wire::to_lower(database), wire::to_lower(name)});
}

Result<UserDefinedFunction> made_of(UserDefinedFunctionInput input) {
  if (!input.function_name || input.function_name->empty())
    return invalid_input("FunctionInput.FunctionName must be given.");
  if (input.artifact_location)
    return Error("NotImplemented", "ArtifactLocation is not implemented by tarn: leave it out");
  UserDefinedFunction out;
  out.function_name = wire::to_lower(*input.function_name);
  out.class_name = std::move(input.class_name);
  out.owner_name = std::move(input.owner_name);
  out.owner_type = std::move(input.owner_type);
  out.function_type = std::move(input.function_type);
  out.resource_uris = std::move(input.resource_uris);
  return out;
}

Error function_exists() {
  return {"AlreadyExistsException", "Function already exists."};
}

}  // namespace

Status Metastore::create_function(const Owner& owner, const std::string& database_name,
                                  UserDefinedFunctionInput input) {
  TARN_TRY(auto made, made_of(std::move(input)));
  const auto held = lock(owner, database_name);
  TARN_TRY(const auto parent, database(owner, database_name));
  const std::string key = function_key(owner, parent.name, *made.function_name);
  TARN_TRY(const auto before, store_.get(Space::kGlue, key));
  if (before) return function_exists();
  made.database_name = parent.name;
  made.catalog_id = owner.account;
  made.create_time = clock_.now();
  store::Batch batch;
  batch.put(Space::kGlue, key, encode(made));
  return store_.commit(batch);
}

Result<UserDefinedFunction> Metastore::function(const Owner& owner,
                                                const std::string& database_name,
                                                const std::string& name) {
  TARN_TRY(auto found, load<UserDefinedFunction>(function_key(owner, database_name, name)));
  if (found) return std::move(*found);
  TARN_CHECK(database(owner, database_name));
  return entity_not_found();
}

Result<Page<UserDefinedFunction>> Metastore::functions(
    const Owner& owner, const std::optional<std::string>& database_name, const std::string& pattern,
    const std::optional<std::string>& type, const PageRequest& page) {
  std::string prefix = key_of(Record::kFunction, owner, {});
  if (database_name) {
    TARN_TRY(const auto parent, database(owner, *database_name));
    append_part(prefix, parent.name);
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(false);
  // "*" alone is what Hive's clients send for all.
  const re2::RE2 matcher(pattern == "*" ? ".*" : pattern, options);
  if (!matcher.ok()) return invalid_input("Pattern is no regular expression: " + matcher.error());
  return list<UserDefinedFunction>(prefix, page, [&](const UserDefinedFunction& each) {
    return re2::RE2::FullMatch(*each.function_name, matcher) &&
           (!type || each.function_type == type);
  });
}

Status Metastore::update_function(const Owner& owner, const std::string& database_name,
                                  const std::string& name, UserDefinedFunctionInput input) {
  TARN_TRY(auto after, made_of(std::move(input)));
  const auto held = lock(owner, database_name);
  TARN_TRY(const auto before, function(owner, database_name, name));
  after.database_name = before.database_name;
  after.catalog_id = before.catalog_id;
  after.create_time = before.create_time;
  store::Batch batch;
  if (after.function_name != before.function_name) {
    TARN_TRY(const auto taken, store_.get(Space::kGlue, function_key(owner, *before.database_name,
                                                                     *after.function_name)));
    if (taken) return function_exists();
    batch.remove(Space::kGlue, function_key(owner, *before.database_name, *before.function_name));
  }
  batch.put(Space::kGlue, function_key(owner, *before.database_name, *after.function_name),
            encode(after));
  return store_.commit(batch);
}

Status Metastore::delete_function(const Owner& owner, const std::string& database_name,
                                  const std::string& name) {
  const auto held = lock(owner, database_name);
  TARN_TRY(const auto before, function(owner, database_name, name));
  store::Batch batch;
  batch.remove(Space::kGlue, function_key(owner, *before.database_name, *before.function_name));
  return store_.commit(batch);
}

}  // namespace tarn::glue
