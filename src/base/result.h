// Result<T>: the one way expected failures travel through tarn.
//
// Place: base; depends on nothing but the standard library.
// Threads: a value type, as safe as the T it holds.
//
// An Error carries the name of the failure: an AWS error code verbatim
// ("ResourceNotFoundException") where the failure is an answer to a client, or one of the platform
// codes below where it is not. The gateway is the one boundary that turns errors into HTTP;
// everything below it only passes them on.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tarn {

// Codes of failures that are not AWS answers. The gateway maps them (src/gateway/fault.h).
namespace code {
inline constexpr std::string_view kIo = "Tarn.Io";  // the operating system said no
inline constexpr std::string_view kDiskFull =
    "Tarn.DiskFull";  // ENOSPC, EDQUOT or below the reserve
inline constexpr std::string_view kNotFound = "Tarn.NotFound";  // no such file, key or process
inline constexpr std::string_view kExists = "Tarn.Exists";      // create-new found something
inline constexpr std::string_view kCorrupt = "Tarn.Corrupt";    // a checksum or format did not hold
inline constexpr std::string_view kCancelled =
    "Tarn.Cancelled";                                         // the peer or the server went away
inline constexpr std::string_view kTimeout = "Tarn.Timeout";  // an explicit time-out ran out
inline constexpr std::string_view kInvalid = "Tarn.Invalid";  // input of the operator is wrong
}  // namespace code

struct Error {
  std::string code;     // an AWS error code, or one of tarn::code
  std::string message;  // what is wrong and what to change, for a person
  // HTTP status; 0: the one the operation's overlay gives for `code`.
  int http_status = 0;
  // Further members of the error's body (name, text), such as S3's BucketName.
  std::vector<std::pair<std::string, std::string>> details;
  // Further response headers, such as ETag beside a 304.
  std::vector<std::pair<std::string, std::string>> headers;

  Error(std::string_view code_name, std::string text, int status = 0)
      : code(code_name), message(std::move(text)), http_status(status) {}

  [[nodiscard]] bool is(std::string_view code_name) const { return code == code_name; }
};

template <class T>
class [[nodiscard]] Result {
 public:
  using Value = T;

  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Only where ok().
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  // Only where not ok().
  [[nodiscard]] const Error& error() const& { return *std::get_if<1>(&state_); }
  [[nodiscard]] Error& error() & { return *std::get_if<1>(&state_); }
  [[nodiscard]] Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using Value = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const& { return *error_; }
  [[nodiscard]] Error& error() & { return *error_; }
  [[nodiscard]] Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace tarn

#define TARN_CONCAT_INNER(a, b) a##b
#define TARN_CONCAT(a, b) TARN_CONCAT_INNER(a, b)

// TARN_TRY(auto x, expression);     in a function that returns a Result
#define TARN_TRY_WITH(ret, tmp, declaration, ...) \
  auto tmp = (__VA_ARGS__);                       \
  if (!tmp.ok()) ret std::move(tmp).error();      \
  declaration = std::move(tmp).value()
#define TARN_TRY(declaration, ...) \
  TARN_TRY_WITH(return, TARN_CONCAT(tarn_try_, __LINE__), declaration, __VA_ARGS__)
#define TARN_CHECK_WITH(ret, tmp, ...) \
  if (auto tmp = (__VA_ARGS__); !tmp.ok()) ret std::move(tmp).error()
#define TARN_CHECK(...) TARN_CHECK_WITH(return, TARN_CONCAT(tarn_check_, __LINE__), __VA_ARGS__)

// The same in a coroutine.
#define TARN_CO_TRY(declaration, ...) \
  TARN_TRY_WITH(co_return, TARN_CONCAT(tarn_try_, __LINE__), declaration, __VA_ARGS__)
#define TARN_CO_CHECK(...) \
  TARN_CHECK_WITH(co_return, TARN_CONCAT(tarn_check_, __LINE__), __VA_ARGS__)
