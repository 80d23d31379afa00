// Tables and views by their identifiers: found in the metastore, their metadata read and answered.
//
// Place: services/iceberg, inside. Threads: the control strand; what returns a Task waits for the
// disk. References that a Task takes must live until it ends.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "services/iceberg/request.h"
#include "services/iceberg/table_metadata.h"

namespace tarn::iceberg {

enum class Kind : std::uint8_t { kTable, kView };

// What the metastore keeps. Errors: NoSuchNamespaceException, NoSuchTableException or
// NoSuchViewException (there is something else of that name, too).
[[nodiscard]] Task<Result<glue::Table>> find_entry(Iceberg& iceberg, const Request& request,
                                                   const Identifier& identifier, Kind kind);

struct Loaded {
  glue::Table entry;
  std::string location;  // of the metadata file
  std::string text;      // the metadata document
};

// The entry and its metadata. The caller must be allowed glue:GetTable, and to read the file.
// Errors: as find_entry, and of MetadataFiles::read.
[[nodiscard]] Task<Result<Loaded>> load_metadata(Iceberg& iceberg, const Request& request,
                                                 const Identifier& identifier, Kind kind);

// Identifiers of one kind, a page or all. Errors: NoSuchNamespaceException.
[[nodiscard]] Task<Result<Json>> list_entries(Iceberg& iceberg, const Request& request, Kind kind);

// Where a new table or view goes: `asked`, or below the namespace's location, or below the
// warehouse that the client named. Errors: BadRequestException (none of them, or no place in s3),
// NoSuchNamespaceException; AlreadyExistsException (something of that name is there).
[[nodiscard]] Task<Result<std::string>> place_of_new(Iceberg& iceberg, const Request& request,
                                                     const Identifier& identifier,
                                                     const std::string& asked);

// Whether the client asks for keys to the table's objects.
[[nodiscard]] bool wants_credentials(const Request& request);
// A list of StorageCredential for the table's folders; to write where the caller may change the
// table. Errors: as StorageCredentials::issue.
[[nodiscard]] Task<Result<Json>> vend(Iceberg& iceberg, const Request& request,
                                      const Identifier& identifier, const TableMetadata& metadata);

// LoadTableResult or LoadViewResult: `metadata` is the document's text, put in as it is.
// `metadata_location` is empty for a table that is only staged, `credentials` null where none are
// wanted.
[[nodiscard]] wire::Response load_result(const std::string& metadata_location,
                                         std::string_view metadata, const Json& credentials = {});

// What a client needs to reach the objects through this server; empty where AWS's names lead here.
[[nodiscard]] Json storage_settings(const Request& request);

// "{folder}/{version}-{uuid}.metadata.json", the version being one more than that of `before`.
[[nodiscard]] std::string new_metadata_location(Iceberg& iceberg, const std::string& folder,
                                                std::string_view before);

}  // namespace tarn::iceberg
