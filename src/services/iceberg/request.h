// Request and Iceberg: what the handlers of the REST API get, and what they work on.
//
// Place: services/iceberg, inside. Threads: handlers run on the control strand and wait for the
// disk on the blocking pool.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "platform/platform.h"
#include "services/glue/metastore.h"
#include "services/iam/authorizer.h"
#include "services/iceberg/error.h"
#include "services/iceberg/json.h"
#include "services/iceberg/metadata_files.h"
#include "services/iceberg/storage_credentials.h"
#include "services/iceberg/tokens.h"
#include "wire/http.h"

namespace tarn::iceberg {

class Maintenance;

struct Iceberg {
  platform::Platform platform;
  glue::Metastore& metastore;
  MetadataFiles files;
  const iam::Authorizer& authorizer;
  Tokens tokens;
  StorageCredentials& storage_credentials;
  Maintenance* maintenance;  // nullptr: nobody removes files
};

// A table or view. Names are in lower case, as Glue folds them.
struct Identifier {
  std::string namespace_name;
  std::string name;

  [[nodiscard]] std::string text() const { return namespace_name + "." + name; }
};

struct Request {
  Caller caller;
  glue::Owner owner;
  std::string warehouse;  // "s3://bucket/folder" where the client named one; else empty
  std::string endpoint;   // "http://127.0.0.1:4566" as the client knows it; empty: an AWS name
  Identifier identifier;  // of the path; parts that it has not are empty
  std::vector<std::pair<std::string, std::string>> query;
  const wire::Headers* headers = nullptr;
  Json body;             // null where there was none
  std::string raw_body;  // of the token endpoint: a form

  [[nodiscard]] std::optional<std::string> find_query(std::string_view name) const;
};

// May the caller do it? Error: ForbiddenException.
[[nodiscard]] Status allow(const Iceberg& iceberg, const Request& request, std::string_view action,
                           const std::string& resource);
// The same of an object at `location` ("s3:GetObject"). Errors: BadRequestException besides.
[[nodiscard]] Status allow_object(const Iceberg& iceberg, const Request& request,
                                  std::string_view action, const std::string& location);
// ARNs of Glue's: arn:aws:glue:region:account:database/x and table/x/y.
[[nodiscard]] std::string catalog_arn(const Request& request);
[[nodiscard]] std::string database_arn(const Request& request, const std::string& name);
[[nodiscard]] std::string table_arn(const Request& request, const Identifier& identifier);

// One level is all that Glue has. Errors: BadRequestException.
[[nodiscard]] Result<std::string> namespace_of(const Json& levels);
// {"namespace": ["a"], "name": "b"}. Errors: BadRequestException.
[[nodiscard]] Result<Identifier> identifier_of(const Json& object);
// Folded to lower case. Error: BadRequestException, where Glue could not keep it.
[[nodiscard]] Result<std::string> name_of(std::string_view name);

[[nodiscard]] wire::Response answer(const Json& body);
[[nodiscard]] wire::Response no_content();

// A page where the client asks for pages (pageToken is given, empty for the first), else all.
class Paging {
 public:
  // Error: BadRequestException (pageSize is no number above 0).
  [[nodiscard]] static Result<Paging> of(const Request& request);

  // Calls `list(page)` until the page, or everything, is there.
  template <class Entry, class List>
  Result<std::vector<Entry>> collect(List list) {
    std::vector<Entry> out;
    for (;;) {
      auto page = list(page_);
      if (!page.ok()) return std::move(page).error();
      for (auto& entry : page->entries) out.push_back(std::move(entry));
      page_.token = page->next_token;
      if (paged_ || !page_.token) return out;
    }
  }
  // Adds next-page-token where there is more.
  void finish(Json& body) const;

 private:
  bool paged_ = false;
  glue::PageRequest page_;
};

// Runs `work`, which gives a Result<T>, on the blocking pool.
template <class T, class Work>
Task<Result<T>> on_disk(Iceberg& iceberg, Work work) {
  Result<T> done = co_await iceberg.platform.tasks.offload([&]() -> Result<T> { return work(); });
  co_return done;
}

}  // namespace tarn::iceberg
