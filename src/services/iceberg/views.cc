// Views: listViews, createView, loadView, viewExists, replaceView, renameView, registerView,
// dropView.
#include <utility>

#include <fmt/format.h>

#include "services/iceberg/catalog.h"
#include "services/iceberg/glue_table.h"
#include "services/iceberg/handlers.h"
#include "services/iceberg/view_metadata.h"

namespace tarn::iceberg {
namespace {

constexpr int kAttempts = 4;

std::string metadata_folder(const Json& metadata) {
  return strip_slashes(text_or(metadata, "location", "")) + "/metadata";
}

// `before` is null for a view that is made.
Task<Status> put_view(Iceberg& iceberg, const Request& request, const Identifier& identifier,
                      const Json& metadata, const std::string& location,
                      const glue::Table* before) {
  const auto work = [&]() -> Status {
    std::vector<glue::Metastore::TableChange> changes(1);
    changes[0].database = identifier.namespace_name;
    changes[0].input = view_input(identifier.name, metadata, location, before);
    if (before != nullptr) changes[0].version_id = before->version_id.value_or("0");
    return iceberg.metastore.change_tables(request.owner, std::move(changes));
  };
  co_return co_await on_disk<void>(iceberg, work);
}

// Writes the document and puts the view; what was written goes where that fails.
Task<Result<std::string>> write_view(Iceberg& iceberg, const Request& request,
                                     const Identifier& identifier, const Json& metadata,
                                     const glue::Table* before) {
  const std::string location =
      new_metadata_location(iceberg, metadata_folder(metadata),
                            before == nullptr ? std::string() : metadata_location(*before));
  TARN_CO_CHECK(allow_object(iceberg, request, "s3:PutObject", location));
  TARN_CO_CHECK(co_await iceberg.files.write(location, dump(metadata)));
  Status put = co_await put_view(iceberg, request, identifier, metadata, location, before);
  if (put.ok()) co_return location;
  std::vector<std::string> left = {location};
  co_await iceberg.files.remove(std::move(left));
  co_return std::move(put).error();
}

}  // namespace

Answer list_views(Iceberg& iceberg, Request request) {
  TARN_CO_TRY(const Json body, co_await list_entries(iceberg, request, Kind::kView));
  co_return answer(body);
}

Answer create_view(Iceberg& iceberg, Request request) {
  Identifier identifier = request.identifier;
  TARN_CO_TRY(const std::string given, text_at(request.body, "name"));
  TARN_CO_TRY(identifier.name, name_of(given));
  TARN_CO_CHECK(allow(iceberg, request, "glue:CreateTable", table_arn(request, identifier)));
  TARN_CO_TRY(const Json* schema, object_at(request.body, "schema"));
  TARN_CO_TRY(const Json* version, object_at(request.body, "view-version"));
  const std::string asked = text_or(request.body, "location", "");
  NewView view;
  TARN_CO_TRY(view.location, co_await place_of_new(iceberg, request, identifier, asked));
  view.uuid = iceberg.platform.random.uuid();
  view.schema = *schema;
  view.version = *version;
  if (const Json* properties = find(request.body, "properties")) view.properties = *properties;
  TARN_CO_TRY(const Json metadata, make_view(std::move(view), iceberg.platform.clock.now()));
  auto location = co_await write_view(iceberg, request, identifier, metadata, nullptr);
  if (!location.ok())
    co_return of_view(std::move(location).error(), identifier.namespace_name, identifier.name);
  co_return load_result(*location, dump(metadata));
}

Answer load_view(Iceberg& iceberg, Request request) {
  TARN_CO_TRY(const Loaded loaded,
              co_await load_metadata(iceberg, request, request.identifier, Kind::kView));
  TARN_CO_TRY(const Json metadata, parse_view(loaded.text));
  co_return load_result(loaded.location, dump(metadata));
}

Answer view_exists(Iceberg& iceberg, Request request) {
  TARN_CO_CHECK(allow(iceberg, request, "glue:GetTable", table_arn(request, request.identifier)));
  auto found = co_await find_entry(iceberg, request, request.identifier, Kind::kView);
  if (!found.ok()) co_return std::move(found).error();
  co_return no_content();
}

Answer replace_view(Iceberg& iceberg, Request request) {
  TARN_CO_TRY(const Json* updates, array_at(request.body, "updates"));
  TARN_CO_CHECK(
      allow(iceberg, request, "glue:UpdateTable", table_arn(request, request.identifier)));
  Json requirements = Json::array();
  if (const Json* given = find(request.body, "requirements")) requirements = *given;
  Status last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    TARN_CO_TRY(const Loaded loaded,
                co_await load_metadata(iceberg, request, request.identifier, Kind::kView));
    TARN_CO_TRY(const Json before, parse_view(loaded.text));
    for (const auto& requirement : requirements)
      TARN_CO_CHECK(check_view_requirement(requirement, before));
    TARN_CO_TRY(const Json after, update_view(before, *updates, iceberg.platform.clock.now()));
    auto location = co_await write_view(iceberg, request, request.identifier, after, &loaded.entry);
    if (location.ok()) co_return load_result(*location, dump(after));
    last = std::move(location).error();
    if (!last.error().is("ConcurrentModificationException")) break;
  }
  co_return of_view(std::move(last).error(), request.identifier.namespace_name,
                    request.identifier.name);
}

Answer rename_view(Iceberg& iceberg, Request request) {
  TARN_CO_TRY(const Json* source, object_at(request.body, "source"));
  TARN_CO_TRY(const Json* destination, object_at(request.body, "destination"));
  TARN_CO_TRY(const Identifier from, identifier_of(*source));
  TARN_CO_TRY(const Identifier to, identifier_of(*destination));
  TARN_CO_CHECK(allow(iceberg, request, "glue:DeleteTable", table_arn(request, from)));
  TARN_CO_CHECK(allow(iceberg, request, "glue:CreateTable", table_arn(request, to)));
  auto found = co_await find_entry(iceberg, request, from, Kind::kView);
  if (!found.ok()) co_return std::move(found).error();
  const auto work = [&]() -> Status {
    auto renamed = iceberg.metastore.rename_table(request.owner, from.namespace_name, from.name,
                                                  to.namespace_name, to.name);
    if (renamed.ok()) return {};
    const Identifier& meant = renamed.error().is("AlreadyExistsException") ? to : from;
    return of_view(std::move(renamed).error(), meant.namespace_name, meant.name);
  };
  TARN_CO_CHECK(co_await on_disk<void>(iceberg, work));
  co_return no_content();
}

Answer register_view(Iceberg& iceberg, Request request) {
  Identifier identifier = request.identifier;
  TARN_CO_TRY(const std::string given, text_at(request.body, "name"));
  TARN_CO_TRY(identifier.name, name_of(given));
  TARN_CO_TRY(const std::string location, text_at(request.body, "metadata-location"));
  TARN_CO_CHECK(allow(iceberg, request, "glue:CreateTable", table_arn(request, identifier)));
  TARN_CO_CHECK(allow_object(iceberg, request, "s3:GetObject", location));
  TARN_CO_TRY(const std::string text, co_await iceberg.files.read(location));
  TARN_CO_TRY(const Json metadata, parse_view(text));
  Status put = co_await put_view(iceberg, request, identifier, metadata, location, nullptr);
  if (!put.ok())
    co_return of_view(std::move(put).error(), identifier.namespace_name, identifier.name);
  co_return load_result(location, dump(metadata));
}

Answer drop_view(Iceberg& iceberg, Request request) {
  const Identifier& identifier = request.identifier;
  TARN_CO_CHECK(allow(iceberg, request, "glue:DeleteTable", table_arn(request, identifier)));
  auto found = co_await find_entry(iceberg, request, identifier, Kind::kView);
  if (!found.ok()) co_return std::move(found).error();
  const auto work = [&]() -> Status {
    auto dropped = iceberg.metastore.delete_table(request.owner, identifier.namespace_name,
                                                  identifier.name, found->version_id);
    if (dropped.ok()) return {};
    return of_view(std::move(dropped).error(), identifier.namespace_name, identifier.name);
  };
  TARN_CO_CHECK(co_await on_disk<void>(iceberg, work));
  co_return no_content();
}

}  // namespace tarn::iceberg
