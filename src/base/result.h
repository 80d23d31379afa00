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

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// What every source uses is compiled in result.cc alone.
extern template class std::vector<std::string>;
extern template class std::vector<std::pair<std::string, std::string>>;

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

  // All of it stands in result.cc: some four thousand places can pass an error on, and none of them
  // needs code of its own for what it is made of.
  Error(std::string_view code_name, std::string text, int status = 0);
  Error(const Error& other);
  Error(Error&& other) noexcept;
  Error& operator=(const Error& other);
  Error& operator=(Error&& other) noexcept;
  ~Error();

  [[nodiscard]] bool is(std::string_view code_name) const { return code == code_name; }
};

// The failed half of a Result. Failing is rare: its error lives on the heap, so that a Result is
// hardly larger than its value, and moving one on costs a pointer.
class Failure {
 public:
  Failure() = default;  // of nothing
  explicit Failure(Error&& error);
  explicit Failure(const Error& error);
  Failure(const Failure& other);
  Failure(Failure&& other) noexcept : error_(std::exchange(other.error_, nullptr)) {}
  Failure& operator=(Failure other) noexcept {
    std::swap(error_, other.error_);
    return *this;
  }
  ~Failure() {
    if (error_ != nullptr) drop(error_);
  }

  [[nodiscard]] bool empty() const { return error_ == nullptr; }
  // Only where not empty().
  [[nodiscard]] Error& error() const { return *error_; }

 private:
  static void drop(Error* error) noexcept;

  Error* error_ = nullptr;
};

template <class T>
class [[nodiscard]] Result {
 public:
  using Value = T;

  // NOLINTBEGIN(google-explicit-constructor): `return value;` and `return Error(…);`
  Result(T&& value) : ok_(true) { std::construct_at(&value_, std::move(value)); }
  Result(const T& value) : ok_(true) { std::construct_at(&value_, value); }
  Result(Error&& error) : failure_(std::move(error)), ok_(false) {}
  Result(const Error& error) : failure_(error), ok_(false) {}
  Result(Failure&& failure) : failure_(std::move(failure)), ok_(false) {}
  // NOLINTEND(google-explicit-constructor)

  Result(const Result& other)
    requires std::is_copy_constructible_v<T>
      : failure_(other.failure_), ok_(other.ok_) {
    if (ok_) std::construct_at(&value_, other.value_);
  }
  Result(Result&& other) noexcept : failure_(std::move(other.failure_)), ok_(other.ok_) {
    if (ok_) std::construct_at(&value_, std::move(other.value_));
  }
  Result& operator=(Result other) noexcept {
    std::destroy_at(this);
    std::construct_at(this, std::move(other));
    return *this;
  }
  ~Result() {
    if (ok_) std::destroy_at(&value_);
  }

  [[nodiscard]] bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }

  // Only where ok().
  T& value() & { return value_; }
  const T& value() const& { return value_; }
  T&& value() && { return std::move(value_); }
  T& operator*() & { return value_; }
  const T& operator*() const& { return value_; }
  T&& operator*() && { return std::move(value_); }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }

  // Only where not ok().
  [[nodiscard]] const Error& error() const& { return failure_.error(); }
  [[nodiscard]] Error& error() & { return failure_.error(); }
  [[nodiscard]] Error&& error() && { return std::move(failure_.error()); }
  // What makes another Result fail as this one did; error() is gone with it.
  [[nodiscard]] Failure&& failure() && { return std::move(failure_); }

 private:
  union {
    T value_;  // where ok_
  };
  Failure failure_;
  bool ok_;  // stays as it is when either is moved from
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using Value = void;

  Result() = default;
  // NOLINTBEGIN(google-explicit-constructor): `return Error(…);`
  Result(Error&& error) : failure_(std::move(error)) {}
  Result(const Error& error) : failure_(error) {}
  Result(Failure&& failure) : failure_(std::move(failure)) {}
  // NOLINTEND(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return failure_.empty(); }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const& { return failure_.error(); }
  [[nodiscard]] Error& error() & { return failure_.error(); }
  [[nodiscard]] Error&& error() && { return std::move(failure_.error()); }
  [[nodiscard]] Failure&& failure() && { return std::move(failure_); }

 private:
  Failure failure_;
};

using Status = Result<void>;

}  // namespace tarn

#define TARN_CONCAT_INNER(a, b) a##b
#define TARN_CONCAT(a, b) TARN_CONCAT_INNER(a, b)

// TARN_TRY(auto x, expression);     in a function that returns a Result
#define TARN_TRY_WITH(ret, tmp, declaration, ...) \
  auto tmp = (__VA_ARGS__);                       \
  if (!tmp.ok()) ret std::move(tmp).failure();    \
  declaration = std::move(tmp).value()
#define TARN_TRY(declaration, ...) \
  TARN_TRY_WITH(return, TARN_CONCAT(tarn_try_, __LINE__), declaration, __VA_ARGS__)
#define TARN_CHECK_WITH(ret, tmp, ...) \
  if (auto tmp = (__VA_ARGS__); !tmp.ok()) ret std::move(tmp).failure()
#define TARN_CHECK(...) TARN_CHECK_WITH(return, TARN_CONCAT(tarn_check_, __LINE__), __VA_ARGS__)

// The same in a coroutine.
#define TARN_CO_TRY(declaration, ...) \
  TARN_TRY_WITH(co_return, TARN_CONCAT(tarn_try_, __LINE__), declaration, __VA_ARGS__)
#define TARN_CO_CHECK(...) \
  TARN_CHECK_WITH(co_return, TARN_CONCAT(tarn_check_, __LINE__), __VA_ARGS__)
