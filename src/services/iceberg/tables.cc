// Tables: listTables, createTable, loadTable, tableExists, registerTable, loadCredentials,
// renameTable, dropTable, reportMetrics.
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/iceberg/catalog.h"
#include "services/iceberg/glue_table.h"
#include "services/iceberg/handlers.h"
#include "services/iceberg/maintenance.h"
#include "services/iceberg/new_table.h"
#include "wire/digest.h"
#include "wire/encoding.h"

namespace tarn::iceberg {
namespace {

Result<bool> flag(const Json& body, const char* name) {
  const Json* found = find(body, name);
  if (found == nullptr) return false;
  if (!found->is_boolean()) return bad_request(fmt::format("'{}' must be true or false.", name));
  return found->get<bool>();
}

Json or_null(const Json& body, const char* name) {
  const Json* found = find(body, name);
  return found == nullptr ? Json() : *found;
}

// Writes the first metadata and makes the table.
Task<Result<std::string>> commit_new(Iceberg& iceberg, const Request& request,
                                     const Identifier& identifier, const TableMetadata& metadata) {
  const std::string location = new_metadata_location(iceberg, metadata.metadata_folder(), {});
  TARN_CO_CHECK(allow_object(iceberg, request, "s3:PutObject", location));
  TARN_CO_CHECK(co_await iceberg.files.write(location, dump(metadata.document())));
  const auto work = [&]() -> Status {
    return iceberg.metastore.create_table(
        request.owner, identifier.namespace_name,
        table_input(identifier.name, metadata, location, nullptr));
  };
  Status made = co_await on_disk<void>(iceberg, work);
  if (made.ok()) co_return location;
  std::vector<std::string> left = {location};
  co_await iceberg.files.remove(std::move(left));
  co_return of_table(std::move(made).error(), identifier.namespace_name, identifier.name);
}

// A document is what its file is, so the file's name tells whether it changed.
std::string etag_of(const Loaded& loaded, const std::string& snapshots) {
  return "\"" + wire::to_hex(wire::sha256(loaded.location + snapshots)).substr(0, 32) + "\"";
}

// Files go behind the answer, in a run of the maintenance (maintenance.h).
Status allow_purge(const Iceberg& iceberg, const Request& request, const glue::Table& table) {
  if (iceberg.maintenance == nullptr) return not_implemented("purgeRequested without maintenance");
  if (const Status ready = iceberg.maintenance->check(); !ready.ok())
    return Error("ServiceUnavailableException", ready.error().message, 503);
  return allow_object(iceberg, request, "s3:DeleteObject", metadata_location(table));
}

}  // namespace

Answer list_tables(Iceberg& iceberg, Request request) {
  TARN_CO_TRY(const Json body, co_await list_entries(iceberg, request, Kind::kTable));
  co_return answer(body);
}

Answer create_table(Iceberg& iceberg, Request request) {
  Identifier identifier = request.identifier;
  TARN_CO_TRY(const std::string given, text_at(request.body, "name"));
  TARN_CO_TRY(identifier.name, name_of(given));
  TARN_CO_TRY(const bool staged, flag(request.body, "stage-create"));
  TARN_CO_CHECK(allow(iceberg, request, "glue:CreateTable", table_arn(request, identifier)));
  const std::string asked = text_or(request.body, "location", "");
  NewTable table;
  TARN_CO_TRY(table.location, co_await place_of_new(iceberg, request, identifier, asked));
  table.uuid = iceberg.platform.random.uuid();
  table.schema = or_null(request.body, "schema");
  table.partition_spec = or_null(request.body, "partition-spec");
  table.write_order = or_null(request.body, "write-order");
  table.properties = or_null(request.body, "properties");
  TARN_CO_TRY(const TableMetadata metadata,
              make_table(std::move(table), iceberg.platform.clock.now()));
  std::string location;
  if (!staged) {
    TARN_CO_TRY(location, co_await commit_new(iceberg, request, identifier, metadata));
  }
  Json credentials;
  if (wants_credentials(request)) {
    TARN_CO_TRY(credentials, co_await vend(iceberg, request, identifier, metadata));
  }
  co_return load_result(location, dump(metadata.document()), credentials);
}

Answer load_table(Iceberg& iceberg, Request request) {
  const std::string snapshots = request.find_query("snapshots").value_or("all");
  if (snapshots != "all" && snapshots != "refs")
    co_return bad_request(fmt::format("snapshots is 'all' or 'refs', not '{}'.", snapshots));
  TARN_CO_TRY(const Loaded loaded,
              co_await load_metadata(iceberg, request, request.identifier, Kind::kTable));
  const std::string etag = etag_of(loaded, snapshots);
  // Keys that are asked for are new whatever the table is.
  const bool vended = wants_credentials(request);
  if (!vended && request.headers->get("if-none-match") == etag) {
    wire::Response unchanged;
    unchanged.status = 304;
    unchanged.headers.add("ETag", etag);
    co_return unchanged;
  }
  std::string text = loaded.text;
  Json credentials;
  if (vended || snapshots == "refs") {
    TARN_CO_TRY(const TableMetadata metadata, TableMetadata::parse(loaded.text));
    if (snapshots == "refs") text = dump(metadata.with_referenced_snapshots());
    if (vended) {
      TARN_CO_TRY(credentials, co_await vend(iceberg, request, request.identifier, metadata));
    }
  } else if (!Json::accept(text)) {
    co_return bad_request(fmt::format("The metadata file {} is no JSON.", loaded.location));
  }
  wire::Response out = load_result(loaded.location, text, credentials);
  out.headers.add("ETag", etag);
  co_return out;
}

Answer table_exists(Iceberg& iceberg, Request request) {
  TARN_CO_CHECK(allow(iceberg, request, "glue:GetTable", table_arn(request, request.identifier)));
  auto found = co_await find_entry(iceberg, request, request.identifier, Kind::kTable);
  if (!found.ok()) co_return std::move(found).error();
  co_return no_content();
}

Answer register_table(Iceberg& iceberg, Request request) {
  Identifier identifier = request.identifier;
  TARN_CO_TRY(const std::string given, text_at(request.body, "name"));
  TARN_CO_TRY(identifier.name, name_of(given));
  TARN_CO_TRY(const std::string location, text_at(request.body, "metadata-location"));
  TARN_CO_TRY(const bool overwrite, flag(request.body, "overwrite"));
  TARN_CO_CHECK(allow(iceberg, request, "glue:CreateTable", table_arn(request, identifier)));
  TARN_CO_CHECK(allow_object(iceberg, request, "s3:GetObject", location));
  TARN_CO_TRY(const std::string text, co_await iceberg.files.read(location));
  TARN_CO_TRY(const TableMetadata metadata, TableMetadata::parse(text));
  if (overwrite)
    TARN_CO_CHECK(allow(iceberg, request, "glue:UpdateTable", table_arn(request, identifier)));
  const auto work = [&]() -> Status {
    const auto before =
        iceberg.metastore.table(request.owner, identifier.namespace_name, identifier.name);
    if (overwrite && before.ok() && is_table(*before)) {
      return iceberg.metastore.update_table(
          request.owner, identifier.namespace_name,
          table_input(identifier.name, metadata, location, &*before), before->version_id, true);
    }
    return iceberg.metastore.create_table(
        request.owner, identifier.namespace_name,
        table_input(identifier.name, metadata, location, nullptr));
  };
  Status made = co_await on_disk<void>(iceberg, work);
  if (!made.ok())
    co_return of_table(std::move(made).error(), identifier.namespace_name, identifier.name);
  Json credentials;
  if (wants_credentials(request)) {
    TARN_CO_TRY(credentials, co_await vend(iceberg, request, identifier, metadata));
  }
  co_return load_result(location, text, credentials);
}

Answer load_credentials(Iceberg& iceberg, Request request) {
  TARN_CO_TRY(const Loaded loaded,
              co_await load_metadata(iceberg, request, request.identifier, Kind::kTable));
  TARN_CO_TRY(const TableMetadata metadata, TableMetadata::parse(loaded.text));
  Json body;
  TARN_CO_TRY(body["storage-credentials"],
              co_await vend(iceberg, request, request.identifier, metadata));
  co_return answer(body);
}

Answer rename_table(Iceberg& iceberg, Request request) {
  TARN_CO_TRY(const Json* source, object_at(request.body, "source"));
  TARN_CO_TRY(const Json* destination, object_at(request.body, "destination"));
  TARN_CO_TRY(const Identifier from, identifier_of(*source));
  TARN_CO_TRY(const Identifier to, identifier_of(*destination));
  TARN_CO_CHECK(allow(iceberg, request, "glue:DeleteTable", table_arn(request, from)));
  TARN_CO_CHECK(allow(iceberg, request, "glue:CreateTable", table_arn(request, to)));
  auto found = co_await find_entry(iceberg, request, from, Kind::kTable);
  if (!found.ok()) co_return std::move(found).error();
  const auto work = [&]() -> Status {
    auto parent = iceberg.metastore.database(request.owner, to.namespace_name);
    if (!parent.ok()) return of_namespace(std::move(parent).error(), to.namespace_name);
    auto renamed = iceberg.metastore.rename_table(request.owner, from.namespace_name, from.name,
                                                  to.namespace_name, to.name);
    if (renamed.ok()) return {};
    const Identifier& meant = renamed.error().is("AlreadyExistsException") ? to : from;
    return of_table(std::move(renamed).error(), meant.namespace_name, meant.name);
  };
  TARN_CO_CHECK(co_await on_disk<void>(iceberg, work));
  co_return no_content();
}

Answer drop_table(Iceberg& iceberg, Request request) {
  const Identifier& identifier = request.identifier;
  const bool purge =
      wire::equals_ignoring_case(request.find_query("purgeRequested").value_or("false"), "true");
  TARN_CO_CHECK(allow(iceberg, request, "glue:DeleteTable", table_arn(request, identifier)));
  auto found = co_await find_entry(iceberg, request, identifier, Kind::kTable);
  if (!found.ok()) co_return std::move(found).error();
  if (purge) TARN_CO_CHECK(allow_purge(iceberg, request, *found));
  const auto work = [&]() -> Status {
    auto dropped = iceberg.metastore.delete_table(request.owner, identifier.namespace_name,
                                                  identifier.name, found->version_id, purge);
    if (dropped.ok()) return {};
    return of_table(std::move(dropped).error(), identifier.namespace_name, identifier.name);
  };
  TARN_CO_CHECK(co_await on_disk<void>(iceberg, work));
  if (purge) iceberg.maintenance->wake();
  co_return no_content();
}

// Reports are for the operator's eyes: they go to the log.
Answer report_metrics(Iceberg& iceberg, Request request) {
  TARN_CO_TRY(const std::string type, text_at(request.body, "report-type"));
  TARN_CO_TRY(const std::int64_t snapshot, number_at(request.body, "snapshot-id"));
  TARN_CO_CHECK(allow(iceberg, request, "glue:GetTable", table_arn(request, request.identifier)));
  auto found = co_await find_entry(iceberg, request, request.identifier, Kind::kTable);
  if (!found.ok()) co_return std::move(found).error();
  spdlog::info("iceberg: {} of {} at snapshot {}: {}", type, request.identifier.text(), snapshot,
               dump(or_null(request.body, "metrics")));
  co_return no_content();
}

}  // namespace tarn::iceberg
