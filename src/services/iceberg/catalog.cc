#include "services/iceberg/catalog.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "services/iceberg/glue_table.h"

namespace tarn::iceberg {
namespace {

bool is_kind(const glue::Table& table, Kind kind) {
  return kind == Kind::kTable ? is_table(table) : is_view(table);
}

Error missing(const Identifier& identifier, Kind kind) {
  return kind == Kind::kTable ? no_such_table(identifier.text()) : no_such_view(identifier.text());
}

Error of_entry(Error error, const Identifier& identifier, Kind kind) {
  return kind == Kind::kTable
             ? of_table(std::move(error), identifier.namespace_name, identifier.name)
             : of_view(std::move(error), identifier.namespace_name, identifier.name);
}

// "00012-….metadata.json" is version 12; files that are named otherwise count from 0.
std::int64_t version_of(std::string_view location) {
  const std::size_t slash = location.rfind('/');
  const std::string_view name = slash == location.npos ? location : location.substr(slash + 1);
  const std::size_t dash = name.find('-');
  std::int64_t version = -1;
  if (dash != name.npos) {
    const auto [end, failure] = std::from_chars(name.data(), name.data() + dash, version);
    if (failure != std::errc() || end != name.data() + dash) version = -1;
  }
  return version;
}

}  // namespace

Task<Result<glue::Table>> find_entry(Iceberg& iceberg, const Request& request,
                                     const Identifier& identifier, Kind kind) {
  const auto work = [&]() -> Result<glue::Table> {
    auto found = iceberg.metastore.table(request.owner, identifier.namespace_name, identifier.name);
    if (!found.ok()) return of_entry(std::move(found).error(), identifier, kind);
    if (!is_kind(*found, kind)) return missing(identifier, kind);
    return found;
  };
  co_return co_await on_disk<glue::Table>(iceberg, work);
}

Task<Result<Loaded>> load_metadata(Iceberg& iceberg, const Request& request,
                                   const Identifier& identifier, Kind kind) {
  TARN_CO_CHECK(allow(iceberg, request, "glue:GetTable", table_arn(request, identifier)));
  Loaded out;
  TARN_CO_TRY(out.entry, co_await find_entry(iceberg, request, identifier, kind));
  out.location = metadata_location(out.entry);
  if (out.location.empty()) {
    co_return bad_request(
        fmt::format("{} has no metadata_location in the catalog.", identifier.text()));
  }
  TARN_CO_CHECK(allow_object(iceberg, request, "s3:GetObject", out.location));
  TARN_CO_TRY(out.text, co_await iceberg.files.read(out.location));
  co_return out;
}

Task<Result<Json>> list_entries(Iceberg& iceberg, const Request& request, Kind kind) {
  const std::string& name = request.identifier.namespace_name;
  TARN_CO_CHECK(allow(iceberg, request, "glue:GetTables", database_arn(request, name)));
  const auto work = [&]() -> Result<Json> {
    TARN_TRY(Paging paging, Paging::of(request));
    const std::function<bool(const glue::Table&)> keep = [kind](const glue::Table& table) {
      return is_kind(table, kind);
    };
    auto found = paging.collect<glue::Table>([&](const glue::PageRequest& page) {
      return iceberg.metastore.tables(request.owner, name, keep, page);
    });
    if (!found.ok()) return of_namespace(std::move(found).error(), name);
    Json body;
    body["identifiers"] = Json::array();
    for (const auto& table : *found) {
      Json each;
      each["namespace"] = Json::array({name});
      each["name"] = table.name;
      body["identifiers"].push_back(std::move(each));
    }
    paging.finish(body);
    return body;
  };
  co_return co_await on_disk<Json>(iceberg, work);
}

Task<Result<std::string>> place_of_new(Iceberg& iceberg, const Request& request,
                                       const Identifier& identifier, const std::string& asked) {
  const auto work = [&]() -> Result<std::string> {
    auto database = iceberg.metastore.database(request.owner, identifier.namespace_name);
    if (!database.ok()) return of_namespace(std::move(database).error(), identifier.namespace_name);
    auto before =
        iceberg.metastore.table(request.owner, identifier.namespace_name, identifier.name);
    if (before.ok()) {
      return already_exists(fmt::format("Table or view already exists: {}", identifier.text()));
    }
    if (!before.error().is("EntityNotFoundException")) return std::move(before).error();
    if (!asked.empty()) return strip_slashes(asked);
    if (database->location_uri && !database->location_uri->empty())
      return strip_slashes(*database->location_uri) + "/" + identifier.name;
    if (!request.warehouse.empty()) {
      return fmt::format("{}/{}.db/{}", strip_slashes(request.warehouse), identifier.namespace_name,
                         identifier.name);
    }
    return bad_request(
        "It is not said where the data goes: give a location, give the namespace the property "
        "'location', or configure the client with warehouse=s3://BUCKET/FOLDER.");
  };
  TARN_CO_TRY(std::string place, co_await on_disk<std::string>(iceberg, work));
  TARN_CO_CHECK(parse_location(place));
  co_return place;
}

Json storage_settings(const Request& request) {
  Json out = Json::object();
  out["client.region"] = request.owner.region;
  out["s3.region"] = request.owner.region;
  if (!request.endpoint.empty()) {
    out["s3.endpoint"] = request.endpoint;
    out["s3.path-style-access"] = "true";
  }
  return out;
}

bool wants_credentials(const Request& request) {
  return request.headers->get("x-iceberg-access-delegation").find("vended-credentials") !=
         std::string_view::npos;
}

Task<Result<Json>> vend(Iceberg& iceberg, const Request& request, const Identifier& identifier,
                        const TableMetadata& metadata) {
  Grant grant;
  grant.locations = table_folders(metadata);
  grant.write = allow(iceberg, request, "glue:UpdateTable", table_arn(request, identifier)).ok();
  const auto work = [&]() -> Result<iam::Credential> {
    return iceberg.storage_credentials.issue(request.caller.access_key_id, grant);
  };
  TARN_CO_TRY(const iam::Credential keys, co_await on_disk<iam::Credential>(iceberg, work));
  Json config = storage_settings(request);
  config["s3.access-key-id"] = keys.access_key_id;
  config["s3.secret-access-key"] = keys.secret_access_key;
  config["s3.session-token"] = keys.session_token;
  config["s3.session-token-expires-at-ms"] = std::to_string(keys.expires->ms);
  Json out = Json::array();
  for (const auto& location : grant.locations) {
    Json each;
    each["prefix"] = location;
    each["config"] = config;
    out.push_back(std::move(each));
  }
  co_return out;
}

wire::Response load_result(const std::string& metadata_location, std::string_view metadata,
                           const Json& credentials) {
  wire::Response out;
  out.headers.add("Content-Type", "application/json");
  out.content = "{";
  if (!metadata_location.empty())
    out.content += "\"metadata-location\":" + dump(Json(metadata_location)) + ",";
  out.content += "\"metadata\":";
  out.content += metadata;
  // Where objects are is in getConfig's defaults; here it would pass for a set of keys.
  const bool vended = credentials.is_array() && !credentials.empty();
  out.content += ",\"config\":" + (vended ? dump(credentials[0]["config"]) : "{}");
  if (vended) out.content += ",\"storage-credentials\":" + dump(credentials);
  out.content += "}";
  return out;
}

std::string new_metadata_location(Iceberg& iceberg, const std::string& folder,
                                  std::string_view before) {
  return fmt::format("{}/{:05}-{}.metadata.json", folder, version_of(before) + 1,
                     iceberg.platform.random.uuid());
}

}  // namespace tarn::iceberg
