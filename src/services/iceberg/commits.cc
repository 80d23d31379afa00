// Commits: updateTable, commitTransaction.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "services/iceberg/catalog.h"
#include "services/iceberg/glue_table.h"
#include "services/iceberg/handlers.h"
#include "services/iceberg/table_requirement.h"
#include "services/iceberg/table_update.h"
#include "wire/encoding.h"

namespace tarn::iceberg {
namespace {

// Another commit may come between reading a table and writing it. Where the requirements still
// hold, the commit is made again on top of it.
constexpr int kAttempts = 4;

struct TableCommit {
  Identifier identifier;
  Json requirements;
  Json updates;
};

// A commit whose metadata file is written and whose table is not changed yet.
struct Prepared {
  glue::Metastore::TableChange change;
  std::string location;
  std::optional<TableMetadata> metadata;
  std::vector<std::string> dropped;  // old metadata files, where the table wants them removed
};

Result<TableCommit> commit_of(const Json& body, const Identifier& identifier) {
  TableCommit out;
  out.identifier = identifier;
  TARN_TRY(const Json* requirements, array_at(body, "requirements"));
  TARN_TRY(const Json* updates, array_at(body, "updates"));
  out.requirements = *requirements;
  out.updates = *updates;
  return out;
}

// The table as it is; nullopt where the commit makes it.
Task<Result<std::optional<Loaded>>> load_base(Iceberg& iceberg, const Request& request,
                                              const TableCommit& commit) {
  auto loaded = co_await load_metadata(iceberg, request, commit.identifier, Kind::kTable);
  if (loaded.ok()) co_return std::optional<Loaded>(std::move(loaded).value());
  const bool absent = loaded.error().is("NoSuchTableException");
  if (absent && asserts_create(commit.requirements)) co_return std::optional<Loaded>();
  co_return std::move(loaded).error();
}

Result<TableMetadata> apply(const TableCommit& commit, const std::optional<Loaded>& base,
                            Timestamp now, std::vector<std::string>& dropped) {
  std::optional<TableMetadata> before;
  if (base) {
    TARN_TRY(before, TableMetadata::parse(base->text));
  }
  for (const auto& requirement : commit.requirements)
    TARN_CHECK(check_requirement(requirement, before ? &*before : nullptr));
  TableUpdates updates(before ? *before : TableMetadata::empty(), !before, now);
  for (const auto& update : commit.updates) TARN_CHECK(updates.apply(update));
  std::optional<PreviousMetadata> previous;
  if (before)
    previous = PreviousMetadata{base->location, before->number("last-updated-ms", now.ms)};
  TARN_TRY(TableMetadata after, updates.finish(previous));
  // https://iceberg.apache.org/docs/latest/configuration/
  const std::string remove = after.property("write.metadata.delete-after-commit.enabled");
  if (wire::equals_ignoring_case(remove, "true")) dropped = updates.dropped_metadata_files();
  return after;
}

Task<Result<Prepared>> prepare(Iceberg& iceberg, const Request& request,
                               const TableCommit& commit) {
  TARN_CO_TRY(const std::optional<Loaded> base, co_await load_base(iceberg, request, commit));
  Prepared out;
  const Timestamp now = iceberg.platform.clock.now();
  const auto work = [&] {
    return apply(commit, base, now, out.dropped);
  };
  // A document may be megabytes long: others of the strand go on meanwhile.
  TARN_CO_TRY(out.metadata, co_await on_disk<TableMetadata>(iceberg, work));
  TARN_CO_CHECK(allow(iceberg, request, base ? "glue:UpdateTable" : "glue:CreateTable",
                      table_arn(request, commit.identifier)));
  if (out.metadata->uuid().empty())
    out.metadata->document()["table-uuid"] = iceberg.platform.random.uuid();
  out.location = new_metadata_location(iceberg, out.metadata->metadata_folder(),
                                       base ? base->location : std::string());
  TARN_CO_CHECK(allow_object(iceberg, request, "s3:PutObject", out.location));
  TARN_CO_CHECK(co_await iceberg.files.write(out.location, dump(out.metadata->document())));
  out.change.database = commit.identifier.namespace_name;
  out.change.input = table_input(commit.identifier.name, *out.metadata, out.location,
                                 base ? &base->entry : nullptr);
  if (base) out.change.version_id = base->entry.version_id.value_or("0");
  co_return out;
}

bool is_clean_conflict(const Error& error) {
  return error.is("ConcurrentModificationException") || error.is("AlreadyExistsException") ||
         error.is("EntityNotFoundException") || error.is("InvalidInputException");
}

// All of them in one step of the metastore. On failure nothing of them is left.
Task<Status> commit_prepared(Iceberg& iceberg, const Request& request,
                             std::vector<Prepared>& prepared) {
  std::vector<std::string> written;
  for (const auto& each : prepared) written.push_back(each.location);
  const auto work = [&]() -> Status {
    std::vector<glue::Metastore::TableChange> changes;
    for (const auto& each : prepared) changes.push_back(each.change);
    return iceberg.metastore.change_tables(request.owner, std::move(changes));
  };
  Status done = co_await on_disk<void>(iceberg, work);
  if (done.ok()) {
    std::vector<std::string> dropped;
    for (const auto& each : prepared)
      dropped.insert(dropped.end(), each.dropped.begin(), each.dropped.end());
    co_await iceberg.files.remove(std::move(dropped));
    co_return done;
  }
  if (is_clean_conflict(done.error()) || done.error().is(code::kDiskFull)) {
    co_await iceberg.files.remove(std::move(written));
    co_return done;
  }
  // The disk failed in the middle: after the next start the commit may be there or not.
  co_return Error("CommitStateUnknownException", done.error().message, 500);
}

Task<Status> prepare_all(Iceberg& iceberg, const Request& request,
                         const std::vector<TableCommit>& commits, std::vector<Prepared>& prepared) {
  for (const auto& commit : commits) {
    auto ready = co_await prepare(iceberg, request, commit);
    if (!ready.ok()) {
      std::vector<std::string> written;
      for (const auto& each : prepared) written.push_back(each.location);
      co_await iceberg.files.remove(std::move(written));
      co_return std::move(ready).error();
    }
    prepared.push_back(std::move(ready).value());
  }
  co_return Status();
}

Task<Result<std::vector<Prepared>>> commit_all(Iceberg& iceberg, const Request& request,
                                               const std::vector<TableCommit>& commits) {
  Status last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::vector<Prepared> prepared;
    TARN_CO_CHECK(co_await prepare_all(iceberg, request, commits, prepared));
    last = co_await commit_prepared(iceberg, request, prepared);
    if (last.ok()) co_return prepared;
    // What else fails, fails again.
    if (!last.error().is("ConcurrentModificationException")) break;
  }
  if (is_clean_conflict(last.error())) co_return commit_failed(last.error().message);
  co_return std::move(last).error();
}

}  // namespace

Answer update_table(Iceberg& iceberg, Request request) {
  TARN_CO_TRY(TableCommit commit, commit_of(request.body, request.identifier));
  std::vector<TableCommit> commits;
  commits.push_back(std::move(commit));
  TARN_CO_TRY(const std::vector<Prepared> done, co_await commit_all(iceberg, request, commits));
  Json body;
  body["metadata-location"] = done[0].location;
  body["metadata"] = done[0].metadata->document();
  co_return answer(body);
}

Answer commit_transaction(Iceberg& iceberg, Request request) {
  TARN_CO_TRY(const Json* changes, array_at(request.body, "table-changes"));
  std::vector<TableCommit> commits;
  for (const auto& change : *changes) {
    TARN_CO_TRY(const Json* named, object_at(change, "identifier"));
    TARN_CO_TRY(const Identifier identifier, identifier_of(*named));
    const bool twice = std::any_of(commits.begin(), commits.end(), [&](const TableCommit& before) {
      return before.identifier.text() == identifier.text();
    });
    if (twice)
      co_return bad_request(fmt::format("{} stands twice in table-changes.", identifier.text()));
    TARN_CO_TRY(TableCommit commit, commit_of(change, identifier));
    commits.push_back(std::move(commit));
  }
  if (commits.empty()) co_return bad_request("'table-changes' must name a table.");
  TARN_CO_CHECK(co_await commit_all(iceberg, request, commits));
  co_return no_content();
}

}  // namespace tarn::iceberg
