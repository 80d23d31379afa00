// Namespaces: databases of Glue. listNamespaces, createNamespace, loadNamespaceMetadata,
// namespaceExists, dropNamespace, updateProperties.
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "services/iceberg/handlers.h"

namespace tarn::iceberg {
namespace {

// Properties that Glue has members for, as Iceberg's GlueCatalog has them.
constexpr const char* kLocation = "location";
constexpr const char* kComment = "comment";

using Properties = std::map<std::string, std::string>;

Properties properties_of(const glue::Database& database) {
  Properties out;
  if (database.parameters) out = *database.parameters;
  if (database.location_uri) out[kLocation] = *database.location_uri;
  if (database.description) out[kComment] = *database.description;
  return out;
}

void set_properties(Properties properties, glue::Database& database) {
  const auto take = [&](const char* name) -> std::optional<std::string> {
    auto node = properties.extract(name);
    if (node.empty() || node.mapped().empty()) return std::nullopt;
    return std::move(node.mapped());
  };
  database.location_uri = take(kLocation);
  database.description = take(kComment);
  database.parameters = std::move(properties);
}

Json describe(const glue::Database& database) {
  Json out;
  out["namespace"] = Json::array({database.name});
  out["properties"] = Json::object();
  for (const auto& [name, value] : properties_of(database)) out["properties"][name] = value;
  return out;
}

Result<Properties> texts(const Json* object) {
  Properties out;
  if (object == nullptr) return out;
  if (!is_text_map(*object)) return bad_request("Properties must be an object of texts.");
  for (const auto& [name, value] : object->items()) out[name] = value.get<std::string>();
  return out;
}

struct Changes {
  std::set<std::string> removals;
  Properties updates;
};

Result<Changes> changes_of(const Json& body) {
  Changes out;
  if (const Json* given = find(body, "removals")) {
    if (!given->is_array()) return bad_request("'removals' must be a list.");
    for (const auto& name : *given) {
      if (!name.is_string()) return bad_request("'removals' must be texts.");
      out.removals.insert(name.get<std::string>());
    }
  }
  TARN_TRY(out.updates, texts(find(body, "updates")));
  for (const auto& [name, value] : out.updates) {
    if (out.removals.contains(name))
      return unprocessable(fmt::format("'{}' is to be both removed and updated.", name));
  }
  return out;
}

Json apply(const Changes& changes, Properties& properties) {
  Json out;
  for (const char* list : {"updated", "removed", "missing"}) out[list] = Json::array();
  for (const auto& name : changes.removals)
    out[properties.erase(name) > 0 ? "removed" : "missing"].push_back(name);
  for (const auto& [name, value] : changes.updates) {
    properties[name] = value;
    out["updated"].push_back(name);
  }
  return out;
}

}  // namespace

Answer list_namespaces(Iceberg& iceberg, Request request) {
  TARN_CO_CHECK(allow(iceberg, request, "glue:GetDatabases", catalog_arn(request)));
  const auto work = [&]() -> Result<Json> {
    Json body;
    body["namespaces"] = Json::array();
    const auto parent = request.find_query("parent");
    if (parent && !parent->empty()) {
      // There is nothing below a database.
      auto found = iceberg.metastore.database(request.owner, *parent);
      if (!found.ok()) return of_namespace(std::move(found).error(), *parent);
      return body;
    }
    TARN_TRY(Paging paging, Paging::of(request));
    TARN_TRY(const auto found, paging.collect<glue::Database>([&](const glue::PageRequest& page) {
      return iceberg.metastore.databases(request.owner, page);
    }));
    for (const auto& database : found) body["namespaces"].push_back(Json::array({database.name}));
    paging.finish(body);
    return body;
  };
  TARN_CO_TRY(const Json body, co_await on_disk<Json>(iceberg, work));
  co_return answer(body);
}

Answer create_namespace(Iceberg& iceberg, Request request) {
  TARN_CO_TRY(const Json* levels, array_at(request.body, "namespace"));
  TARN_CO_TRY(const std::string name, namespace_of(*levels));
  TARN_CO_TRY(Properties properties, texts(find(request.body, "properties")));
  TARN_CO_CHECK(allow(iceberg, request, "glue:CreateDatabase", database_arn(request, name)));
  const auto work = [&]() -> Result<Json> {
    glue::Database made;
    made.name = name;
    set_properties(std::move(properties), made);
    glue::DatabaseInput input;
    input.name = name;
    input.description = made.description;
    input.location_uri = made.location_uri;
    input.parameters = made.parameters;
    auto created = iceberg.metastore.create_database(request.owner, std::move(input), {});
    if (!created.ok()) return of_namespace(std::move(created).error(), name);
    return describe(made);
  };
  TARN_CO_TRY(const Json body, co_await on_disk<Json>(iceberg, work));
  co_return answer(body);
}

Answer load_namespace_metadata(Iceberg& iceberg, Request request) {
  const std::string& name = request.identifier.namespace_name;
  TARN_CO_CHECK(allow(iceberg, request, "glue:GetDatabase", database_arn(request, name)));
  const auto work = [&]() -> Result<Json> {
    auto found = iceberg.metastore.database(request.owner, name);
    if (!found.ok()) return of_namespace(std::move(found).error(), name);
    return describe(*found);
  };
  TARN_CO_TRY(const Json body, co_await on_disk<Json>(iceberg, work));
  co_return answer(body);
}

Answer namespace_exists(Iceberg& iceberg, Request request) {
  auto loaded = co_await load_namespace_metadata(iceberg, std::move(request));
  if (!loaded.ok()) co_return std::move(loaded).error();
  co_return no_content();
}

Answer drop_namespace(Iceberg& iceberg, Request request) {
  const std::string& name = request.identifier.namespace_name;
  TARN_CO_CHECK(allow(iceberg, request, "glue:DeleteDatabase", database_arn(request, name)));
  const auto work = [&]() -> Status {
    auto dropped = iceberg.metastore.delete_database(request.owner, name, true);
    if (dropped.ok()) return {};
    if (dropped.error().is(code::kExists)) {
      return Error("NamespaceNotEmptyException",
                   fmt::format("Namespace {} is not empty: drop its tables and views first.", name),
                   409);
    }
    return of_namespace(std::move(dropped).error(), name);
  };
  TARN_CO_CHECK(co_await on_disk<void>(iceberg, work));
  co_return no_content();
}

Answer update_properties(Iceberg& iceberg, Request request) {
  const std::string& name = request.identifier.namespace_name;
  TARN_CO_TRY(const Changes changes, changes_of(request.body));
  TARN_CO_CHECK(allow(iceberg, request, "glue:UpdateDatabase", database_arn(request, name)));
  const auto work = [&]() -> Result<Json> {
    Json body;
    auto changed = iceberg.metastore.change_database(
        request.owner, name, [&](glue::Database& database) -> Status {
          Properties properties = properties_of(database);
          body = apply(changes, properties);
          set_properties(std::move(properties), database);
          return {};
        });
    if (!changed.ok()) return of_namespace(std::move(changed).error(), name);
    return body;
  };
  TARN_CO_TRY(const Json body, co_await on_disk<Json>(iceberg, work));
  co_return answer(body);
}

}  // namespace tarn::iceberg
