#include "services/iceberg/error.h"

#include <fmt/format.h>

#include "services/iceberg/json.h"

namespace tarn::iceberg {
namespace {

constexpr std::string_view kEntityNotFound = "EntityNotFoundException";

// Of a lookup below a database the metastore tells which of the two is missing by its words
// (services/glue/records.h).
bool is_database_missing(const Error& error) {
  return error.is(kEntityNotFound) && error.message.starts_with("Database ");
}

Error of_glue(Error error) {
  if (error.is("InvalidInputException") || error.is("NotImplemented"))
    error.http_status = error.is("NotImplemented") ? 501 : 400;
  if (error.is("InvalidInputException")) error.code = "BadRequestException";
  if (error.is("AlreadyExistsException")) error.http_status = 409;
  if (error.is("ConcurrentModificationException")) return commit_failed(error.message);
  return error;
}

}  // namespace

Error bad_request(std::string text) {
  return {"BadRequestException", std::move(text), 400};
}
Error not_authorized(std::string text) {
  return {"NotAuthorizedException", std::move(text), 401};
}
Error forbidden(std::string text) {
  return {"ForbiddenException", std::move(text), 403};
}
Error no_such_namespace(std::string_view name) {
  return {"NoSuchNamespaceException", fmt::format("Namespace does not exist: {}", name), 404};
}
Error no_such_table(std::string_view identifier) {
  return {"NoSuchTableException", fmt::format("Table does not exist: {}", identifier), 404};
}
Error no_such_view(std::string_view identifier) {
  return {"NoSuchViewException", fmt::format("View does not exist: {}", identifier), 404};
}
Error already_exists(std::string text) {
  return {"AlreadyExistsException", std::move(text), 409};
}
Error commit_failed(std::string text) {
  return {"CommitFailedException", std::move(text), 409};
}
Error unprocessable(std::string text) {
  return {"UnprocessableEntityException", std::move(text), 422};
}
Error not_implemented(std::string_view what) {
  return {"NotImplemented", fmt::format("{} is not implemented by tarn.", what), 501};
}

Error of_namespace(Error error, std::string_view name) {
  if (error.is(kEntityNotFound)) return no_such_namespace(name);
  if (error.is("AlreadyExistsException"))
    return already_exists(fmt::format("Namespace already exists: {}", name));
  return of_glue(std::move(error));
}

Error of_table(Error error, std::string_view namespace_name, std::string_view table) {
  if (is_database_missing(error)) return no_such_namespace(namespace_name);
  if (error.is(kEntityNotFound)) return no_such_table(fmt::format("{}.{}", namespace_name, table));
  if (error.is("AlreadyExistsException"))
    return already_exists(
        fmt::format("Table or view already exists: {}.{}", namespace_name, table));
  return of_glue(std::move(error));
}

Error of_view(Error error, std::string_view namespace_name, std::string_view view) {
  if (error.is(kEntityNotFound) && !is_database_missing(error))
    return no_such_view(fmt::format("{}.{}", namespace_name, view));
  return of_table(std::move(error), namespace_name, view);
}

wire::Response to_response(const Error& error) {
  int status = error.http_status;
  std::string type = error.code;
  if (status == 0) {
    status = error.is(code::kDiskFull) ? 503 : 500;
    type = error.is(code::kDiskFull) ? "ServiceUnavailableException" : "InternalServerError";
  }
  Json model;
  model["message"] = error.message;
  model["type"] = type;
  model["code"] = status;
  Json body;
  body["error"] = std::move(model);
  wire::Response out;
  out.status = status;
  out.headers.add("Content-Type", "application/json");
  if (status == 401) out.headers.add("WWW-Authenticate", "Bearer realm=\"tarn\"");
  out.content = dump(body);
  return out;
}

}  // namespace tarn::iceberg
