// Errors of the Iceberg REST API: the names and statuses of its specification.
//
// Place: services/iceberg. Threads: pure functions.
// (https://github.com/apache/iceberg/blob/main/open-api/rest-catalog-open-api.yaml: ErrorModel and
// the responses of each path)
//
// An Error's code is ErrorModel's `type`, its http_status ErrorModel's `code`.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/http.h"

namespace tarn::iceberg {

[[nodiscard]] Error bad_request(std::string text);               // 400 BadRequestException
[[nodiscard]] Error not_authorized(std::string text);            // 401 NotAuthorizedException
[[nodiscard]] Error forbidden(std::string text);                 // 403 ForbiddenException
[[nodiscard]] Error no_such_namespace(std::string_view name);    // 404 NoSuchNamespaceException
[[nodiscard]] Error no_such_table(std::string_view identifier);  // 404 NoSuchTableException
[[nodiscard]] Error no_such_view(std::string_view identifier);   // 404 NoSuchViewException
[[nodiscard]] Error already_exists(std::string text);            // 409 AlreadyExistsException
[[nodiscard]] Error commit_failed(std::string text);             // 409 CommitFailedException
[[nodiscard]] Error unprocessable(std::string text);             // 422 UnprocessableEntityException
[[nodiscard]] Error not_implemented(std::string_view what);      // 501 NotImplemented

// What the metastore says of the namespace, in Iceberg's words; other errors pass.
[[nodiscard]] Error of_namespace(Error error, std::string_view name);
// The same of a table: the namespace or the table may be missing.
[[nodiscard]] Error of_table(Error error, std::string_view namespace_name, std::string_view table);
[[nodiscard]] Error of_view(Error error, std::string_view namespace_name, std::string_view view);

// The answer in ErrorModel's form. An error without a status is the server's fault: 503 where the
// disk is full, else 500.
[[nodiscard]] wire::Response to_response(const Error& error);

}  // namespace tarn::iceberg
